import type { PlacementName } from '@flotilla/shared/base';
import { apiVersion, type RolloutItem } from '@flotilla/shared/model';
import { fleetCommit, fleetNowMs, fakeRelease as release } from './items.ts';

/** A rollout that has succeeded, or one that is on its way. */
export function rolloutItem(
  placement: string,
  number: number,
  state: RolloutItem['status']['state'] = 'Succeeded',
): RolloutItem {
  const isEnded = state === 'Succeeded' || state === 'Superseded' || state === 'Cancelled';
  const ready = isEnded ? 4 : 1;
  return {
    apiVersion,
    kind: 'Rollout',
    metadata: { name: `${placement}-${number}` },
    spec: {
      placement: placement as PlacementName,
      kind: 'update',
      release,
      strategy: 'default',
      cause: { kind: 'commit', commit: fleetCommit.id },
      waves: isEnded
        ? []
        : [
            {
              stage: 'canary',
              clusters: 1,
              ready: 1,
              failed: 0,
              deferred: 0,
              soakMs: 600_000,
              state: 'passed',
            },
            {
              stage: 'rest',
              clusters: 3,
              ready: 0,
              failed: state === 'Halted' ? 1 : 0,
              deferred: 0,
              soakMs: 60_000,
              state: 'open',
            },
          ],
    },
    status: {
      state,
      reason:
        state === 'Halted' ? { code: 'BudgetUsed', text: '1 of 3 failed', subject: placement } : undefined,
      stage: isEnded ? '' : 'rest',
      counts: {
        targets: 4,
        waiting: 0,
        issued: 4 - ready - (state === 'Halted' ? 1 : 0),
        ready,
        deferred: 0,
        failed: state === 'Halted' ? 1 : 0,
      },
      plannedAtMs: fleetNowMs - 900_000,
      endedAtMs: isEnded ? fleetNowMs - 300_000 : undefined,
      by: { kind: 'hub', process: 'hub-1' },
      isPaused: false,
      isUrgent: false,
      lastSeq: 42,
    },
  };
}
