import type { ClusterUid } from '@flotilla/shared/base';
import type { AssignmentReport } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceRollout } from './advance.ts';
import { isRipening, isSameWord } from './report-news.ts';
import type { World } from './rollout-fixture.ts';
import { canaryThenRest, wellReport } from './samples-fixture.ts';
import { five, stableWorld } from './stable-world-fixture.ts';

const soakMs = 100_000;

const said = ['state', 'reason', 'text', 'healthyForMs', 'deadlinePassed'] as const;
type Said = (typeof said)[number];

/** What an agent may say in one report; the row and the times are filled in. */
const word: fc.Arbitrary<Partial<AssignmentReport>> = fc.record({
  state: fc.oneof(
    { weight: 3, arbitrary: fc.constant('Ready' as const) },
    { weight: 1, arbitrary: fc.constant('Progressing' as const) },
    { weight: 2, arbitrary: fc.constantFrom('Degraded', 'Stalled', 'Progressing', 'Suspended', 'Removed') },
  ),
  reason: fc.constantFrom('', 'CheckFailed', 'Conflict'),
  text: fc.constantFrom('', 'it does not start'),
  healthyForMs: fc.constantFrom(0, 1, 59_999, 60_000, soakMs - 1, soakMs, soakMs + 1, 3_600_000),
  deadlinePassed: fc.boolean(),
});

const changes: fc.Arbitrary<readonly Said[]> = fc.oneof(
  fc.constantFrom<readonly Said[]>(['healthyForMs'], ['deadlinePassed']),
  fc.subarray<Said>([...said]),
);

const stories = fc.record({
  words: fc.tuple(word, word),
  /** What the second report says anew; of the rest it says the same. */
  changed: changes,
  isOfOlderRow: fc.boolean(),
  isPromoted: fc.boolean(),
  isUrgent: fc.boolean(),
  isFresh: fc.boolean(),
  isPastCanary: fc.boolean(),
  isWithdraw: fc.boolean(),
});
type Story = typeof stories extends fc.Arbitrary<infer Value> ? Value : never;

/** A world in the middle of a rollout, and one of the clusters that it moves. */
function underWay(story: Story): { readonly world: World; readonly uid: ClusterUid | undefined } {
  const world = stableWorld(five);
  world.strategy = canaryThenRest(soakMs);
  if (story.isWithdraw) world.remove();
  else world.push('two', story.isUrgent ? 'all' : undefined);
  world.settle();
  if (story.isWithdraw) world.operate({ verb: 'approve', stage: undefined });
  world.settle();
  if (story.isPastCanary) {
    world.everybodyIsWell();
    world.settle();
  }
  if (story.isPromoted) world.operate({ verb: 'promote' });
  world.settle();
  const rollout = world.state.active ?? world.state.withdraw;
  const moved = [...(rollout?.clusters.keys() ?? [])].filter(
    (uid) => world.state.rows.get(uid)?.rollout === rollout?.id,
  );
  return { world, uid: moved.at(-1) };
}

/** What would be decided were this the cluster's newest report. */
function decidedAfter(world: World, uid: ClusterUid, report: AssignmentReport): readonly unknown[] {
  const one = world.clusters.get(uid);
  if (one === undefined) throw new Error(`no cluster ${uid}`);
  one.reportSeq += 1;
  one.report = report;
  one.reportStoredAtMs = world.nowMs;
  return advanceRollout(world.state, world.evidence(), world.nowMs).events.map(({ payload }) => payload);
}

describe('a report that needs no look', () => {
  it('I15: leads to the same decisions as the one before it, so nobody waits for a look that does not come', () => {
    let quiet = 0;
    let ripened = 0;
    fc.assert(
      fc.property(stories, (story) => {
        const { uid, world } = underWay(story);
        fc.pre(uid !== undefined);
        const row = world.state.rows.get(uid)!;
        world.clusters.get(uid)!.isFresh = story.isFresh;
        const [first, second] = story.words;
        const version = story.isOfOlderRow ? { ...row.version, seq: row.version.seq - 1 } : row.version;
        const before = { ...wellReport(row), ...first, version };
        const news = Object.fromEntries(story.changed.map((field) => [field, second[field]]));
        const after = { ...before, ...news };

        const then = decidedAfter(world, uid, before);
        const now = decidedAfter(world, uid, after);

        const isNews = !isSameWord(before, after) || isRipening(world.state, uid, { before, after });
        if (!isNews) expect(now).toEqual(then);
        if (!isNews) quiet += 1;
        if (isNews && isSameWord(before, after)) ripened += 1;
      }),
      { numRuns: 1_500 },
    );
    // Both sides of the rule are met often, or the law says nothing.
    expect([quiet > 100, ripened > 20]).toEqual([true, true]);
  });
});
