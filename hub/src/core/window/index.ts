/**
 * Change windows: when nothing may begin on a cluster (rollout design, R16, I10).
 * Reading order: window-rules (what files say), openings (times alone), change-windows (on clusters).
 */
export {
  type ChangeWindows,
  type ClosedWindow,
  changeWindows,
  roomMistakes,
  type StartKind,
  type WithoutRoom,
} from './change-windows.ts';
export { type WindowRule, windowRules } from './window-rules.ts';
