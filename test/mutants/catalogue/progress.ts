import type { Mutant } from '../mutant.ts';

const rollout = 'hub/src/core/rollout';

/** Breaks of what limits a rollout, orders it, and keeps it going. */
export const progressMutants: readonly Mutant[] = [
  {
    id: 'I2-one-too-many',
    file: 'hub/src/core/budget/take-tokens.ts',
    find: 'now.count < caps.max',
    replace: 'now.count <= caps.max',
  },
  {
    id: 'I2-one-placement-too-many',
    file: 'hub/src/core/budget/take-tokens.ts',
    find: 'now.others >= caps.perClusterMax',
    replace: 'now.others > caps.perClusterMax',
  },
  {
    id: 'I2-waves-grow-on',
    file: `${rollout}/plan-waves.ts`,
    find: 'size = Math.min(cap, size * shape.waves.growth);',
    replace: 'size = size * shape.waves.growth;',
    caughtIn: `${rollout}/plan.laws.test.ts`,
  },
  {
    id: 'I2-domains-mix',
    file: `${rollout}/plan-waves.ts`,
    find: 'if (label === undefined) return [targets];',
    replace: 'if (label !== undefined) return [targets];',
    caughtIn: `${rollout}/plan.laws.test.ts`,
  },
  {
    id: 'I2-tokens-apart',
    takesAway: 'budget batch',
    file: 'hub/src/loops/look-at.ts',
    find: '(await appendBatch(deps, [own, taken], signal)) ?? [];',
    replace:
      '[...((await appendBatch(deps, [own], signal)) ?? []), ...((await appendBatch(deps, [taken], signal)) ?? [])];',
    caughtIn: 'hub/src/loops/rollout.laws.test.ts',
  },
  {
    id: 'I15-a-soak-that-nobody-hears-of',
    file: `${rollout}/report-news.ts`,
    find: 'rollout !== undefined &&',
    replace: 'rollout === null &&',
    caughtIn: `${rollout}/report-news.laws.test.ts`,
  },
  {
    id: 'I15-a-deadline-that-nobody-hears-of',
    file: `${rollout}/report-news.ts`,
    find: 'before.deadlinePassed === after.deadlinePassed &&',
    replace: '',
    caughtIn: `${rollout}/report-news.laws.test.ts`,
  },
  {
    id: 'I7-order-of-arrival',
    file: `${rollout}/order-targets.ts`,
    find: 'return sha256Hex(`${placement} ${uid}`);',
    replace: 'return sha256Hex(placement);',
  },
  {
    id: 'I7-targets-as-they-come',
    file: `${rollout}/wanted.ts`,
    find: 'return found.sort((left, right) => (left.one.cluster.uid < right.one.cluster.uid ? -1 : 1));',
    replace: 'return found;',
  },
  {
    id: 'I7-domains-as-they-come',
    file: `${rollout}/plan-waves.ts`,
    find: 'sha256Hex(`domain ${value}`)',
    replace: "''",
  },
  {
    id: 'I14-superseded-for-ever',
    file: `${rollout}/new-revision.ts`,
    find: 'export const supersedesMax = 3;',
    replace: 'export const supersedesMax = 3_000;',
  },
  {
    id: 'I14-forgets-what-came-before',
    file: `${rollout}/new-revision.ts`,
    find: 'return end < 0 ? others.length : end;',
    replace: 'return end < 0 ? 0 : 0;',
  },
  {
    id: 'I15-waits-for-ever',
    file: `${rollout}/nobody-left.ts`,
    find: 'if (hasFailed || rollout.isPaused) return stays;',
    replace: 'if (hasFailed || !rollout.isPaused) return stays;',
  },
  {
    id: 'I2-forgets-who-was-proven',
    file: `${rollout}/fold-lifecycle.ts`,
    find: "const isOver = phase.kind === 'ready' || phase.kind === 'failed';",
    replace: "const isOver = phase.kind === 'failed';",
    caughtIn: `${rollout}/change-over.test.ts`,
  },
  {
    id: 'I2-a-permission-is-no-change',
    file: `${rollout}/change-over.ts`,
    find: 'if (state.settled.get(cluster) === row.version.seq) return true;',
    replace: 'if (state.settled.has(cluster)) return true;',
    caughtIn: `${rollout}/change-over.test.ts`,
  },
  {
    id: 'I16-joiners-are-never-lost',
    file: `${rollout}/run-rollout.ts`,
    find: 'Math.min(judged?.lostAtMs ?? never, past.lostAtMs ?? never)',
    replace: 'Math.min(judged?.lostAtMs ?? never, never)',
    caughtIn: `${rollout}/joiners.test.ts`,
  },
  {
    id: 'I16-lost-joiners-keep-others-away',
    file: `${rollout}/admit-joiners.ts`,
    find: 'nowMs >= lostAtMs)) continue;',
    replace: 'nowMs < lostAtMs)) continue;',
    caughtIn: `${rollout}/joiners.test.ts`,
  },
  {
    id: 'I15-all-at-once',
    file: `${rollout}/admit-returned.ts`,
    find: ' - inFlight(moment);',
    replace: ';',
  },
  {
    id: 'I16-no-grace',
    file: `${rollout}/judge-cluster.ts`,
    find: 'export const graceMs = 300_000;',
    replace: 'export const graceMs = 0;',
  },
  {
    id: 'I16-blames-the-cluster',
    file: `${rollout}/judge-cluster.ts`,
    find: 'Math.max(row.issuedAtMs + deadlineOf(row), evidence.hubHealthySinceMs, heardAtMs)',
    replace: '(row.issuedAtMs + deadlineOf(row))',
  },
];
