import type { AssignmentItem, ClusterItem, PlacementItem, Reasoned } from '@flotilla/shared/model';
import { type RolloutView, reasonText } from '../output/index.ts';
import { unmetOf } from './rollout-verdict.ts';

/** What can be waited for. */
export const waitConditions = ['succeeded', 'ready', 'connected'] as const;
/** One of them. */
export type WaitCondition = (typeof waitConditions)[number];

/**
 * How things stand:
 * - met: it is so
 * - failed: it will not come true by itself
 * - person: somebody has to do something first
 * - unwell: it fails now; given up when it stays so for the grace time
 * - moving: it may come true; `isHeld` = a window or the fleet's cap holds it, `isUnknown` = nobody knows
 */
export type WaitVerdict =
  | { readonly kind: 'met' }
  | { readonly kind: 'failed' | 'person' | 'unwell'; readonly unmet: readonly string[] }
  | {
      readonly kind: 'moving';
      readonly unmet: readonly string[];
      readonly isHeld?: boolean;
      readonly isUnknown?: boolean;
    };

/** Codes of what only a person ends. */
const askingCodes: ReadonlySet<string> = new Set([
  'NeedsApproval',
  'Paused',
  'Rejected',
  'Aborted',
  'WithdrawHeld',
  'WithdrawAborted',
  'Held',
]);
/** Codes of what ends by itself when others have ended, or when its time comes. */
const holdingCodes: ReadonlySet<string> = new Set(['WindowClosed', 'FleetBudget']);

/** Whether a rollout has succeeded. */
export function judgeRollout(view: RolloutView): WaitVerdict {
  const { isPaused, reason, state } = view.rollout.status;
  const unmet = unmetOf(view);
  if (state === 'Succeeded') return { kind: 'met' };
  if (state === 'Halted' || state === 'Cancelled' || state === 'Superseded') return { kind: 'failed', unmet };
  if (isPaused || (reason !== undefined && askingCodes.has(reason.code))) return { kind: 'person', unmet };
  return { kind: 'moving', unmet, isHeld: isHeld(reason) };
}

/** Whether a cluster, a placement or an assignment is Ready. */
export function judgeReady(item: AssignmentItem | ClusterItem | PlacementItem): WaitVerdict {
  const { reason, state } = item.status;
  const unmet = [`${item.metadata.name} is ${state}`, ...(reason === undefined ? [] : [reasonText(reason)])];
  // A rule without clusters has nothing that could be Ready.
  if (state === 'Ready' && reason?.code !== 'NoCluster') return { kind: 'met' };
  switch (state) {
    case 'Degraded':
    case 'Stalled':
      return { kind: 'unwell', unmet };
    case 'Suspended':
      return { kind: 'person', unmet };
    case 'Unknown':
      return { kind: 'moving', unmet, isUnknown: true };
    case 'Pending':
    case 'Progressing':
    case 'Ready':
      return reason !== undefined && askingCodes.has(reason.code)
        ? { kind: 'person', unmet }
        : { kind: 'moving', unmet, isHeld: isHeld(reason) };
  }
}

/** Whether a placement is Ready everywhere, moves no more, and is at a commit. */
export function judgePlacement(item: PlacementItem, commit: string | undefined): WaitVerdict {
  const { reason, release, rollout, stable } = item.status;
  if (commit !== undefined && release?.commit.id.startsWith(commit) !== true) {
    const at = release === undefined ? 'at no commit' : `at ${release.commit.id.slice(0, 12)}`;
    return { kind: 'moving', unmet: [`${item.metadata.name} is ${at}, not at ${commit}`] };
  }
  const ready = judgeReady(item);
  if (ready.kind !== 'met') return ready;
  if (rollout !== undefined) return { kind: 'moving', unmet: [`${rollout.id} is ${rollout.state}`] };
  // What Git asks for may have no plan yet, or have been rolled back: what is Ready is another release then.
  if (commit === undefined || stable?.digest === release?.digest) return ready;
  const at = stable === undefined ? 'nothing' : stable.commit.id.slice(0, 12);
  const unmet = [
    `${item.metadata.name} runs ${at}, not yet ${commit}`,
    ...(reason ? [reasonText(reason)] : []),
  ];
  return { kind: reason !== undefined && askingCodes.has(reason.code) ? 'person' : 'moving', unmet };
}

/** Whether a cluster's agent is connected and its newest report is known. */
export function judgeConnected({ metadata, status }: ClusterItem): WaitVerdict {
  if (status.presence === 'connected' && status.freshness.isFresh) return { kind: 'met' };
  const unmet = [
    `${metadata.name} is ${status.presence}`,
    ...(status.reason ? [reasonText(status.reason)] : []),
  ];
  return { kind: 'moving', unmet, isUnknown: true };
}

function isHeld(reason: Reasoned | undefined): boolean {
  return reason !== undefined && holdingCodes.has(reason.code);
}
