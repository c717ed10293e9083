import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport, KubeObject, Row } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claimant, contestFor, winnerOf } from '../../core/reconcile/claims.ts';
import type { KubePort } from '../../ports.ts';
import {
  configMap,
  eventually,
  hold,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  type Stage,
  startIn,
} from './engine-world-fixture.ts';

const placements = ['one', 'two', 'three'] as const;
const objects = ['a', 'b', 'c'] as const;

/** What one commit makes of some placements; what it does not name stays. */
const commit = fc.record({
  rows: fc.uniqueArray(
    fc.record({
      placement: fc.constantFrom(...placements),
      wants: fc.subarray([...objects]),
      priority: fc.integer({ min: 0, max: 1 }),
      takeOverFrom: fc.option(fc.constantFrom(...placements), { nil: undefined, freq: 2 }),
      fate: fc.constantFrom('runs', 'runs', 'runs', 'runs', 'suspended', 'removed'),
    }),
    { selector: (row) => row.placement, minLength: 1, maxLength: 3 },
  ),
  /** Whether the agent comes to rest before the next commit, or is restarted in the middle of it. */
  next: fc.constantFrom('rest', 'rest', 'at-once', 'restart'),
});
type Commit = typeof commit extends fc.Arbitrary<infer T> ? T : never;
type RowWish = Commit['rows'][number];

function toRow(stage: Stage, { fate, placement, priority, takeOverFrom, wants }: RowWish): Row {
  if (fate === 'removed') return removalFor(placement);
  const files = Object.fromEntries([
    [`${placement}.yaml`, configMap(`own-${placement}`, '1')],
    ...wants.map((name) => [`${name}.yaml`, configMap(name, placement)]),
  ]);
  const other = takeOverFrom === placement ? undefined : takeOverFrom;
  return rowFor(stage.world, {
    placement,
    files,
    prune: { maxPercent: 100 },
    apply: { priority, takeOverFrom: other as PlacementName | undefined },
    ...(fate === 'suspended' && { suspended: 'for a while' }),
  });
}

/** The wishes that stand, and which objects somebody has wanted without a break since the agent was last at rest. */
class Wishes {
  readonly #byPlacement = new Map<string, { readonly wish: RowWish; readonly row: Row }>();
  always = new Set<string>();

  set(wish: RowWish, row: Row): void {
    this.#byPlacement.set(wish.placement, { wish, row });
  }

  /** After a commit; at rest whatever is wanted now counts anew. */
  note(isAtRest: boolean): void {
    const wanted = new Set(
      [...this.#byPlacement.values()].flatMap(({ wish }) => (wish.fate === 'runs' ? wish.wants : [])),
    );
    this.always = isAtRest ? wanted : this.always.intersection(wanted);
  }

  rows(): readonly Row[] {
    return [...this.#byPlacement.values()].map((one) => one.row);
  }

  /** What a suspended one would want is not looked at: it keeps what it has. */
  wanting(name: string, owner: string | undefined): readonly Row[] {
    return [...this.#byPlacement.values()]
      .filter(({ wish }) =>
        wish.fate === 'suspended' ? wish.placement === owner : wish.wants.some((one) => one === name),
      )
      .map(({ row }) => row);
  }
}

/** Who must have an object when nothing moves any more, by whose it is now; undefined = nobody wants it. */
function rightfulOwner(rows: readonly Row[], owner: string | undefined): string | undefined {
  const claimants = rows.flatMap((row): readonly Claimant[] => {
    const isOwner = row.placement === owner;
    if (row.kind === 'removal' || (row.suspension !== undefined && !isOwner)) return [];
    const { priority, takeOverFrom } = row.variant.apply;
    return [{ placement: row.placement, priority, takeOverFrom, ageSeq: undefined, isOwner }];
  });
  const isStopped = rows.some(
    (row) => row.kind === 'assignment' && row.suspension !== undefined && row.placement === owner,
  );
  const keeper = isStopped ? claimants.find((one) => one.isOwner) : undefined;
  return winnerOf(keeper === undefined ? claimants : contestFor(keeper, claimants))?.placement;
}

/** What is wrong, when nothing moves any more; undefined = nothing. */
function wrongIn(
  wishes: Wishes,
  reports: readonly AssignmentReport[],
  live: ReadonlyMap<string, KubeObject>,
): string | undefined {
  const losers = new Set<string>();
  for (const name of objects) {
    const owner = live.get(name)?.metadata.labels?.['flotilla.dev/assignment'];
    const rows = wishes.wanting(name, owner);
    const rightful = rightfulOwner(rows, owner);
    if (rightful !== undefined && owner !== rightful) return `${name} is ${owner}'s, not ${rightful}'s`;
    for (const row of rows)
      if (row.kind === 'assignment' && row.suspension === undefined && row.placement !== owner)
        losers.add(row.placement);
  }
  for (const row of wishes.rows()) {
    const report = reports.find((one) => one.placement === row.placement);
    if (report?.version.seq !== row.version.seq) return `nothing is said of ${row.placement} yet`;
    const expected = expectedStates(row, losers.has(row.placement));
    if (!expected.includes(report.state)) return `${row.placement} is ${report.state}: ${report.text}`;
  }
  return undefined;
}

/** What waits for a take-over that cannot be finished goes on waiting. */
function expectedStates(row: Row, isLoser: boolean): readonly AssignmentReport['state'][] {
  if (row.kind === 'removal') return ['Removed', 'Removing'];
  if (row.suspension !== undefined) return ['Suspended'];
  return isLoser ? ['Stalled'] : ['Ready', 'Progressing'];
}

/** The agent's port; a delete of what somebody has wanted without a break is written down. */
function watched(agent: KubePort, wishes: Wishes, wrong: string[]): KubePort {
  return {
    serverVersion: (signal) => agent.serverVersion(signal),
    discover: (options, signal) => agent.discover(options, signal),
    get: (target, signal) => agent.get(target, signal),
    list: (selection, signal) => agent.list(selection, signal),
    watch: (selection, version, signal) => agent.watch(selection, version, signal),
    apply: (object, options, signal) => agent.apply(object, options, signal),
    create: (object, options, signal) => agent.create(object, options, signal),
    mergePatch: (target, patch, options, signal) => agent.mergePatch(target, patch, options, signal),
    delete: async (target, options, signal) => {
      const isWanted = target.kind === 'ConfigMap' && wishes.always.has(target.name);
      if (isWanted) wrong.push(`${target.name} was deleted although somebody wanted it all the time`);
      return await agent.delete(target, options, signal);
    },
    close: () => agent.close(),
  };
}

async function play(commits: readonly Commit[]): Promise<void> {
  await using stage = openStage();
  const [wishes, wrong] = [new Wishes(), [] as string[]];
  const kube = watched(stage.agent, wishes, wrong);
  let engine = startIn(stage.world, kube);
  try {
    for (const [index, { rows, next }] of commits.entries()) {
      const made = rows.map((wish) => ({ wish, row: toRow(stage, wish) }));
      for (const { wish, row } of made) wishes.set(wish, row);
      wishes.note(false);
      await hold(stage.world, ...made.map((one) => one.row));
      if (next === 'restart') {
        await engine[Symbol.asyncDispose]();
        engine = startIn(stage.world, kube);
      }
      if (next !== 'rest' && index + 1 < commits.length) continue;
      await eventually(
        async () => wrongIn(wishes, engine.reports(), await objectsOf(stage.agent)),
        (problem) => problem === undefined,
        'rest',
      );
      wishes.note(true);
    }
  } finally {
    await engine[Symbol.asyncDispose]();
  }
  expect(wrong).toEqual([]);
}

async function objectsOf(kube: KubePort): Promise<ReadonlyMap<string, KubeObject>> {
  const { items } = await kube.list({ kind: ref('ConfigMap', ''), namespace: 'shop' }, never);
  return new Map(items.map((object) => [object.metadata.name, object]));
}

describe('objects that several assignments want, whatever commits come', () => {
  it('I19: end with the one that has the best claim, and none is deleted while somebody wants it', async () => {
    await fc.assert(fc.asyncProperty(fc.array(commit, { minLength: 2, maxLength: 6, size: 'max' }), play), {
      numRuns: 12,
      endOnFailure: true,
    });
  }, 120_000);
});
