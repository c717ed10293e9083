import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import type {
  PlacementPlan,
  PlannedRollout,
  Reasoned,
  RolloutPlanned,
  StageCheck,
} from '@flotilla/shared/model';
import { webhookChecksOf } from '@flotilla/shared/model';
import {
  advanceRollout,
  type DesiredPlacement,
  isUrgent,
  type RolloutEvidence,
  type RolloutState,
  soakFor,
} from '../rollout/index.ts';
import { clusterNames, type NameOf } from './cluster-names.ts';
import type { PlanSide } from './plan-side.ts';
import type { PlanStanding } from './standing.ts';

type Asked = Pick<PlacementPlan, 'approvals' | 'rollouts' | 'waits'>;

interface Planning {
  readonly standingOf: (placement: PlacementName) => PlanStanding;
  readonly nameOf: NameOf;
  readonly nowMs: number;
  /** Whose change windows count. */
  readonly after: Pick<PlanSide, 'windows'>;
}

/**
 * What the machine would plan for a placement if this were wanted now, and what it would ask of people. A release that has to
 * wait for the rollout that runs is planned as if that had ended where it stands.
 */
export function plannedRollouts(
  placement: PlacementName,
  desired: DesiredPlacement,
  planning: Planning,
): Asked {
  if (desired.kind === 'unresolved') return { approvals: [], rollouts: [], waits: [] };
  const { state, evidence } = planning.standingOf(placement);
  const { windows } = planning.after;
  const wanted: RolloutEvidence = {
    ...evidence,
    desired,
    closedFor: (uid, kind) => {
      const cluster = evidence.clusterOf(uid)?.cluster;
      return cluster && windows.closedFor(cluster, kind, planning.nowMs);
    },
  };
  const now = advanceRollout(state, wanted, planning.nowMs);
  const queued = now.notes.find(({ code }) => code === 'Queued');
  const later =
    queued === undefined
      ? undefined
      : advanceRollout({ ...state, active: undefined }, wanted, planning.nowMs);
  const drafts = [...now.events, ...(later?.events ?? [])].map((one) => one.payload);
  const plans = drafts.filter((one) => one.kind === 'rollout-planned');
  // What is held at first may go by itself once others run the placement: then nobody is asked.
  const isWithdrawn = plans.some(({ rolloutKind }) => rolloutKind === 'withdraw');
  const held = isWithdrawn ? [] : drafts.filter((one) => one.kind === 'withdraw-held');
  const rollouts = plans.map((one) => rolloutOf(one, { evidence: wanted, state, nameOf: planning.nameOf }));
  return {
    rollouts,
    approvals: [
      ...held.map(({ text }) => ({ code: 'WithdrawHeld', text, subject: placement })),
      ...plans.flatMap((one) => approvalsOf(one, placement)),
    ],
    waits: now.notes.filter(({ code }) => waitCodes.has(code)),
  };
}

/** Notes that speak of what is to come, not of how far the rollout that runs has got. */
const waitCodes: ReadonlySet<string> = new Set([
  'Queued',
  'Held',
  'HoldUnknown',
  'Rejected',
  'Aborted',
  'Offline',
  'WaitsForDependency',
  'WaitsForTakeOver',
  'WithdrawHeld',
  'WithdrawAborted',
  'PlanTooLarge',
]);

interface Shown {
  readonly evidence: RolloutEvidence;
  readonly state: RolloutState;
  readonly nameOf: NameOf;
}

function rolloutOf(plan: RolloutPlanned, shown: Shown): PlannedRollout {
  const { strategy } = plan;
  const isHurried = isUrgent(shown.state, { plan });
  const waves = plan.waves.map((wave) => ({
    stage: strategy.stages[wave.stage]?.name ?? '',
    clusters: clusterNames(wave.clusters, shown.nameOf),
    isAway: wave.isAway,
    soakMs: soakFor(isHurried, strategy.stages[wave.stage]?.soakMs ?? 0),
  }));
  return {
    kind: plan.rolloutKind,
    strategy: strategy.name,
    clusters: Object.keys(plan.targets).length,
    waves,
    windows: windowsOf(plan, shown, isHurried),
    duration: durationOf(plan, waves),
  };
}

function windowsOf(
  plan: RolloutPlanned,
  { evidence, nameOf }: Shown,
  isHurried: boolean,
): PlannedRollout['windows'] {
  if (plan.rolloutKind === 'rollback') return [];
  const closed = plan.waves
    .flatMap(({ clusters }) => clusters)
    .flatMap((uid): readonly [text: string, uid: ClusterUid][] => {
      const window = evidence.closedFor(uid, isHurried ? 'urgent' : 'normal');
      return window === undefined ? [] : [[window.text, uid]];
    });
  return [...Map.groupBy(closed, ([text]) => text)].map(([text, all]) => ({
    text,
    clusters: clusterNames(
      all.map(([, uid]) => uid),
      nameOf,
    ),
  }));
}

/** See PlannedRollout.duration. */
function durationOf(
  { strategy }: RolloutPlanned,
  waves: PlannedRollout['waves'],
): PlannedRollout['duration'] {
  let atLeastMs = 0;
  let atMostMs = 0;
  for (const { isAway, soakMs } of waves) {
    if (isAway) continue;
    atLeastMs += soakMs;
    atMostMs += strategy.deadlineMs + soakMs;
  }
  for (const { checks } of strategy.stages) atMostMs += webhookMs(checks);
  return { atLeastMs, atMostMs };
}

function webhookMs(checks: readonly StageCheck[]): number {
  return webhookChecksOf(checks).reduce((sum, one) => sum + one.timeoutMs, 0);
}

/** Stages that ask a person; also one without clusters does, because an empty stage has proven nothing. */
function approvalsOf({ strategy }: RolloutPlanned, placement: PlacementName): readonly Reasoned[] {
  return strategy.stages
    .filter(({ after }) => after.includes('approval'))
    .map(({ name }) => {
      const text = `what comes after stage ${name} waits for: flotilla rollout approve ${placement} --stage ${name}`;
      return { code: 'NeedsApproval', text, subject: placement };
    });
}
