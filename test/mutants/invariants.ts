import { type InvariantName, invariantOf, type Mutant } from './mutant.ts';

/** What must always hold, and where it is tested. */
export interface Invariant {
  /** The rollout design's sentence, shortened. */
  readonly says: string;
  /** Files with at least one test, or group of tests, whose name begins with the invariant's name and a colon. */
  readonly tests: readonly string[];
}

const rollout = 'hub/src/core/rollout';
const gates = `${rollout}/gates.laws.test.ts`;
const checks = `${rollout}/check-gate.test.ts`;
const laws = `${rollout}/rollout.laws.test.ts`;
const progress = `${rollout}/progress.laws.test.ts`;
const operations = `${rollout}/operate.laws.test.ts`;
const undos = `${rollout}/undo.laws.test.ts`;
const plans = `${rollout}/plan.laws.test.ts`;
const windows = 'hub/src/core/window/change-windows.laws.test.ts';
const agent = 'agent/src/core';
const model = 'test/sim/model.laws.test.ts';

/** The invariants of the rollout design, each with its property tests. */
export const invariants: Readonly<Record<InvariantName, Invariant>> = {
  I1: {
    says: 'the next wave opens only after each cluster of the last one has exact-version Ready, Failed or Deferred evidence within budget',
    tests: [gates],
  },
  I2: {
    says: 'clusters that change at once never exceed the caps of stage, domain, fleet and cluster, across crashes',
    tests: [
      'hub/src/core/budget/take-tokens.laws.test.ts',
      plans,
      gates,
      'hub/src/loops/rollout.laws.test.ts',
    ],
  },
  I3: {
    says: 'after a halt no row moves forward until resume or rollback',
    tests: [`${rollout}/halt.laws.test.ts`],
  },
  I4: { says: 'a wave is opened at most once, with any number of hubs', tests: [laws, model] },
  I5: { says: 'the log folds to the same state everywhere, also from a state and its tail', tests: [laws] },
  I6: { says: 'row versions at an agent only grow', tests: [laws, `${agent}/session/step.laws.test.ts`] },
  I7: { says: 'equal input gives an identical plan; one cluster more reorders no other', tests: [plans] },
  I8: { says: 'no gate passes with zero successes, or on stale or empty evidence', tests: [gates, checks] },
  I9: {
    says: 'approvals count only for their release and stage, after its checks',
    tests: [operations],
  },
  I10: { says: 'nothing starts inside a deny window but what is exempt', tests: [gates, windows] },
  I11: {
    says: 'a rejected digest is never assigned without a retry or a change of content in Git',
    tests: [undos],
  },
  I12: {
    says: 'a rollback ends with every touched reachable cluster on stable, with Git away too',
    tests: [undos],
  },
  I13: {
    says: 'superseding lets no release reach a stage without its own pass of the earlier ones',
    tests: [laws],
  },
  I14: {
    says: 'with endless pushes and healthy clusters releases reach the last stage again and again',
    tests: [progress],
  },
  I15: {
    says: 'a healthy rollout with offline clusters ends; they converge after return, in bounded numbers',
    tests: [progress, `${rollout}/away-removal.laws.test.ts`, 'hub/src/loops/lease.laws.test.ts'],
  },
  I16: { says: 'silence after issue is failed by the deadline and five minutes', tests: [progress] },
  I17: { says: 'joiners never change a percent gate', tests: [progress] },
  I18: {
    says: 'removal never comes from an error, an empty result or loss; above the bound only with approval',
    tests: [
      `${rollout}/removal.laws.test.ts`,
      `${agent}/plan/plan-next.laws.test.ts`,
      `${agent}/plan/prune-budget.test.ts`,
    ],
  },
  I19: {
    says: 'each object on a cluster has at most one owner; a transfer deletes nothing',
    tests: [`${agent}/plan/owner.laws.test.ts`, `${agent}/reconcile/claims.laws.test.ts`],
  },
  I20: { says: 'a pause anywhere and a resume give the same final rows', tests: [operations] },
  I21: {
    says: 'every operation is idempotent, and rejected when its expected sequence is old',
    tests: [operations, 'hub/src/loops/operate-rollout.laws.test.ts'],
  },
  I22: {
    says: 'agents alone keep the last row, correct drift, and never advance',
    tests: [`${agent}/plan/alone.laws.test.ts`, `${agent}/session/alone.laws.test.ts`],
  },
  I23: { says: 'an unchanged digest makes no event', tests: [laws] },
  I24: {
    says: 'log loss or a change of epoch never makes an agent step back silently',
    tests: [
      'hub/src/core/session/claims.laws.test.ts',
      `${agent}/session/judge-delta.laws.test.ts`,
      'hub/src/core/epoch/adopt-held.laws.test.ts',
    ],
  },
};

/** The files that judge a mutant. */
export function filesOf(mutant: Pick<Mutant, 'caughtIn' | 'id'>): readonly string[] {
  const tests = invariants[invariantOf(mutant)]?.tests ?? [];
  return mutant.caughtIn === undefined ? tests : [mutant.caughtIn];
}
