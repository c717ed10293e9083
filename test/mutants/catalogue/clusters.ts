import type { Mutant } from '../mutant.ts';

const rollout = 'hub/src/core/rollout';
const plan = 'agent/src/core/plan';

/** Breaks of what protects objects on clusters. */
export const clusterMutants: readonly Mutant[] = [
  {
    id: 'I18-many-leave-unasked',
    file: `${rollout}/plan-withdraw.ts`,
    find: 'return gone.length > withdrawMax',
    replace: 'return gone.length > 10_000',
  },
  {
    id: 'I18-an-old-yes',
    file: `${rollout}/plan-withdraw.ts`,
    find: 'one.atMs > held.sinceMs',
    replace: 'one.atMs >= 0',
  },
  {
    id: 'I18-wanted-again-goes-too',
    file: `${rollout}/judge-cluster.ts`,
    find: 'return isRemoval ? !isWanted : isWanted;',
    replace: 'return isRemoval || isWanted;',
  },
  {
    id: 'I18-no-exemption',
    takesAway: 'prune exemption',
    file: `${plan}/plan-next.ts`,
    find: "cause: { kind: 'removal' }, hasBudget: false }",
    replace: "cause: { kind: 'removal' }, hasBudget: true }",
  },
  {
    id: 'I18-permitted-beyond-the-cluster',
    file: `${plan}/prune.ts`,
    find: 'if (beyond === undefined && listHash',
    replace: 'if (listHash',
  },
  {
    id: 'I18-exempt-from-the-cluster',
    file: `${plan}/prune.ts`,
    find: 'const beyond = beyondLimit(all.length, input);',
    replace: 'const beyond = order.hasBudget ? beyondLimit(all.length, input) : undefined;',
  },
  {
    id: 'I18-exempt-by-mistake',
    file: `${plan}/prune.ts`,
    find: 'planPrune({ candidates, cause, hasBudget: true }',
    replace: 'planPrune({ candidates, cause, hasBudget: false }',
  },
  {
    id: 'I18-protected-goes',
    file: `${plan}/prune.ts`,
    find: 'fresh.filter((entry) => isProtected(entry.ref) ||',
    replace: 'fresh.filter((entry) => !isProtected(entry.ref) &&',
  },
  {
    id: 'I19-takes-from-anybody',
    file: `${plan}/decide.ts`,
    find: 'if (isLoser || live.assignment === takeOverFrom)',
    replace: 'if (isLoser || live.assignment !== takeOverFrom)',
  },
  {
    id: 'I19-better-claims-are-nothing',
    file: `${plan}/decide.ts`,
    find: 'claim.winner !== input.policy.placement && !isOurs',
    replace: 'claim.winner === undefined && !isOurs',
  },
  {
    id: 'I19-deletes-what-others-want',
    file: `${plan}/fate.ts`,
    find: 'live.isKept || input.policy.wantedElsewhere.has(key)',
    replace: 'live.isKept',
  },
  {
    id: 'I19-deletes-what-others-hold',
    file: `${plan}/fate.ts`,
    find: "ownership !== 'member' || live.uid !== entry.uid",
    replace: 'live.uid !== entry.uid',
  },
  {
    id: 'I22-changes-stay',
    file: `${plan}/decide.ts`,
    find: "const isIntact = kind === 'member' && live.ownedFields === entry.ownedFields;",
    replace: 'const isIntact = true;',
  },
  {
    id: 'I22-what-is-gone-stays-gone',
    file: `${plan}/decide.ts`,
    find: "return decideDrift(object, 'missing', input);",
    replace: "return { kind: 'done', drift: undefined };",
  },
  {
    id: 'I22-forgets-with-the-stream',
    file: 'agent/src/core/session/link.ts',
    find: "attempt: away.kind === 'exactly' ? attempt : attempt + 1,",
    replace: "held: new Map(), attempt: away.kind === 'exactly' ? attempt : attempt + 1,",
  },
];
