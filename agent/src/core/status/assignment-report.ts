import { limits } from '@flotilla/shared/base';
import type {
  AssignmentReport,
  DriftSummary,
  FailingObject,
  HeldPrune,
  ObjectCounts,
  ObjectRef,
  Row,
  Timings,
} from '@flotilla/shared/model';
import { fingerprintOf, formatRef, noCounts } from '@flotilla/shared/model';
import type { ChecksVerdict } from '../checks/index.ts';
import type { Health } from '../health/index.ts';
import type { AppliedContent } from '../inventory/index.ts';
import { type HeldList, maskText, type Plan } from '../plan/index.ts';
import type { StateVerdict } from './assignment-state.ts';

/** Everything that a report on one assignment is made of. */
export interface ReportInput {
  readonly row: Row;
  readonly verdict: StateVerdict;
  /** Objects in the render; 0 before the first. */
  readonly total: number;
  readonly plan: Plan | undefined;
  readonly health: Health | undefined;
  readonly checks: ChecksVerdict;
  readonly healthyForMs: number;
  readonly deadlinePassed: boolean;
  /** The change was taken back by `confirm`. Absent = no. */
  readonly isTakenBack?: boolean;
  readonly drift: DriftSummary;
  readonly timings: Timings;
  readonly applied: AppliedContent | undefined;
}

/** The report on one assignment. Every text in it is masked and bounded. */
export function reportOf(input: ReportInput): AssignmentReport {
  const { row, verdict, plan, health, applied } = input;
  const failing = [...failingObjects(plan, health), ...failingCheck(input)];
  return {
    placement: row.placement,
    version: row.version,
    variantDigest: row.kind === 'assignment' ? row.variant.digest : undefined,
    state: verdict.state,
    phase: verdict.phase,
    reason: verdict.reason,
    text: maskText(verdict.text, ''),
    healthyForMs: verdict.state === 'Ready' ? Math.floor(input.healthyForMs) : 0,
    counts: countsOf(input, failing.length),
    failing: failing.slice(0, limits.failingObjectsMax),
    drift: input.drift,
    deadlinePassed: input.deadlinePassed,
    timings: input.timings,
    appliedCommit: applied?.commit,
    appliedVariantDigest: applied?.variantDigest,
    heldPrune: plan?.heldPrune === undefined ? undefined : heldPruneOf(plan.heldPrune),
    reverted: input.isTakenBack === true,
  };
}

function countsOf(input: ReportInput, failing: number): ObjectCounts {
  const { plan, health } = input;
  if (plan === undefined) return { ...noCounts, total: input.total };
  return {
    total: input.total,
    applied: plan.appliedObjects,
    // What was not judged is well on purpose: finished Jobs, drift that is only reported.
    healthy: health === undefined ? 0 : input.total - health.verdicts.length + health.healthy,
    failing,
    pruning: plan.pruning,
  };
}

/** Refused objects first, then failed ones, then those that are not well yet. */
function failingObjects(plan: Plan | undefined, health: Health | undefined): readonly FailingObject[] {
  const refused = (plan?.blocked ?? []).flatMap((one) =>
    one.ref === undefined || !one.isFinal
      ? []
      : [{ ...failingObject(one.ref, one.code, one.text), ...(one.ownedBy && { ownedBy: one.ownedBy }) }],
  );
  const verdicts = health?.verdicts ?? [];
  const failed = verdicts.filter(
    ({ verdict }) => verdict.status === 'Failed' || verdict.status === 'Unknown',
  );
  return [
    ...refused,
    ...failed.map(({ ref, verdict }) => failingObject(ref, verdict.reason, verdict.message)),
  ];
}

/** The check that keeps the assignment from being Ready, under the object that it is about, so that causes can be grouped. */
function failingCheck({ checks, verdict }: ReportInput): readonly FailingObject[] {
  const isFailing = checks.kind === 'failed' || checks.kind === 'blocked';
  if (!isFailing || checks.ref === undefined || !['Degraded', 'Stalled'].includes(verdict.state)) return [];
  return [failingObject(checks.ref, verdict.reason, checks.text)];
}

function failingObject(ref: ObjectRef, reason: string, text: string): FailingObject {
  const message = maskText(text, ref.kind);
  return { ...ref, reason, message, fingerprint: fingerprintOf(reason, message, ref.kind) };
}

function heldPruneOf(held: HeldList): HeldPrune {
  return {
    listHash: held.listHash,
    objects: held.refs.slice(0, limits.failingObjectsMax).map(formatRef),
    total: held.refs.length,
    reason: held.reason,
  };
}
