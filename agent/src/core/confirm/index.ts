/**
 * Changes that are taken back when they cut the agent's own link (`confirm`). Reading order: trial (what is remembered),
 * judge-trial (when it is over, and how).
 */
export {
  beginTrial,
  isSilenceDue,
  judgeTrial,
  resumeTrial,
  type TrialInput,
  type TrialVerdict,
  takenBackText,
} from './judge-trial.ts';
export { encodeTrial, parseTrial, type Trial } from './trial.ts';
