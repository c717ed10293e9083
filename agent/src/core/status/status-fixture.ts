import type { Digest, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { AssignmentReport, AssignmentRow, RemovalRow } from '@flotilla/shared/model';
import { noDrift, noTimings } from '@flotilla/shared/model';
import type { Health } from '../health/index.ts';
import type { Blocked, Plan } from '../plan/index.ts';
import { reportOf } from './assignment-report.ts';
import { type StateInput, stateOf } from './assignment-state.ts';

/** Test only. */
export const digest = 'd'.repeat(64) as Digest;
/** Test only. */
export const commit = 'c'.repeat(40) as GitId;
/** Test only. */
export const common = {
  placement: 'shop' as PlacementName,
  version: { epoch: 1, seq: 7 },
  proof: { eventHash: digest, mac: digest },
  cause: { kind: 'commit', commit },
} as const;
/** Test only. */
export const row: AssignmentRow = {
  ...common,
  kind: 'assignment',
  mode: 'update',
  rollout: 'shop-1' as RolloutId,
  suspension: undefined,
  permittedPrune: undefined,
  credential: undefined,
  variant: { digest } as AssignmentRow['variant'],
};
/** Test only. */
export const removal: RemovalRow = { ...common, kind: 'removal', mode: 'prune' };
/** Test only. */
export const ref = { group: '', version: 'v1', kind: 'Secret', namespace: 'shop', name: 'key' };

/** Test only. */
export const planOf = (change: Partial<Plan> = {}): Plan => ({
  steps: [],
  blocked: [],
  settled: true,
  isApplied: true,
  appliedObjects: 1,
  pruning: 0,
  drifted: [],
  heldPrune: undefined,
  recheckAfterMs: undefined,
  ...change,
});
/** Test only. */
export const healthOf = (status: Health['status'], reason = 'LessReady'): Health => ({
  status,
  verdicts: [
    {
      ref,
      verdict: {
        status: status === 'Unknown' ? 'InProgress' : status,
        reason,
        message: 'ready: 0/1',
      },
    },
  ],
  healthy: status === 'Current' ? 1 : 0,
  deadlinePassed: false,
  wakeAtMs: undefined,
});
/** Test only. */
export const blocked = (isFinal: boolean): Blocked => ({
  code: 'ApplyForbidden',
  text: 'may not',
  subject: 'x',
  isFinal,
  ref,
});
/** Test only. */
export const inputOf = (change: Partial<StateInput> = {}): StateInput => ({
  row,
  phase: 'queued',
  trouble: undefined,
  plan: planOf(),
  health: healthOf('Current'),
  checks: { kind: 'hold' },
  isLate: false,
  deadlineMs: 600_000,
  ...change,
});

/** Test only. */
export function report(
  change: { verdict?: Partial<StateInput>; plan?: Plan; health?: Health } = {},
): AssignmentReport {
  const plan = change.plan ?? planOf();
  const health = change.health ?? healthOf('Current');
  return reportOf({
    row,
    verdict: stateOf(inputOf({ plan, health, ...change.verdict })),
    total: 1,
    plan,
    health,
    checks: { kind: 'hold' },
    healthyForMs: 1_234.5,
    deadlinePassed: false,
    drift: noDrift,
    timings: noTimings,
    applied: { commit, variantDigest: digest },
  });
}
