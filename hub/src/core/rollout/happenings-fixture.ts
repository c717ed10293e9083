import fc from 'fast-check';
import { dueChecks } from './gate.ts';
import type { RolloutOperation } from './operate.ts';
import type { World } from './rollout-fixture.ts';
import { names, uidOf } from './samples-fixture.ts';

/** Names that clusters of random worlds have. */
export const fleet = names(12);
const contents = ['one', 'two', 'three'];
const reportStates = ['Ready', 'Progressing', 'Degraded', 'Stalled', 'Suspended'] as const;

/** What may happen to a fleet between two looks. */
export const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        do: fc.constant('push' as const),
        content: fc.constantFrom(...contents),
        urgent: fc.constantFrom('all' as const, ['shop'], ['net']),
      },
      { requiredKeys: ['do', 'content'] },
    ),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      cluster: fc.constantFrom(...fleet),
      state: fc.constantFrom(...reportStates, 'Ready' as const, 'Ready' as const),
      healthyForMs: fc.constantFrom(0, 1_000, 2_000, 60_000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('well' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('offline' as const), cluster: fc.constantFrom(...fleet) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('online' as const), cluster: fc.constantFrom(...fleet) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('stale' as const), cluster: fc.constantFrom(...fleet) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('match' as const), clusters: fc.subarray([...fleet]) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('register' as const), cluster: fc.constantFrom(...fleet) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unresolved' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('absent' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('accept' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('operate' as const),
      verb: fc.constantFrom(
        'pause',
        'resume',
        'abort',
        'promote',
        'undo',
        'retry',
        'skip',
        'approve',
        'urgent',
      ),
      cluster: fc.constantFrom(...fleet),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('time' as const),
      ms: fc.constantFrom(1_000, 60_000, 400_000, 200_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unhealthy-hub' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('answer' as const), isGood: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cap' as const), max: fc.constantFrom(1, 2, 5, 10_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('window' as const),
      closed: fc.subarray([...fleet]),
      exemptsUrgent: fc.boolean(),
    }),
  },
);
/** One thing that happens between two looks. */
export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Lets it happen. What cannot happen now changes nothing. */
export function happen(world: World, one: Happening): void {
  switch (one.do) {
    case 'push':
      world.push(one.content, one.urgent);
      return;
    case 'say':
      if (world.state.rows.has(uidOf(one.cluster)) && world.clusters.has(uidOf(one.cluster))) {
        world.says(one.cluster, { state: one.state, healthyForMs: one.healthyForMs });
      }
      return;
    case 'well':
      world.everybodyIsWell();
      return;
    case 'offline':
      if (world.clusters.has(uidOf(one.cluster))) world.goOffline(one.cluster);
      return;
    case 'online':
      if (world.clusters.has(uidOf(one.cluster))) world.comeBack(one.cluster);
      return;
    case 'stale': {
      const known = world.clusters.get(uidOf(one.cluster));
      if (known) known.isFresh = false;
      return;
    }
    case 'match':
      world.matched = new Set(one.clusters);
      world.edit();
      return;
    case 'register':
      if (!world.clusters.has(uidOf(one.cluster))) world.register(one.cluster);
      world.resolve();
      return;
    case 'unresolved':
      world.desired = { kind: 'unresolved', reasons: [{ code: 'Broken', text: 'broken', subject: 'shop' }] };
      return;
    case 'absent':
      world.remove();
      return;
    case 'accept':
      if (world.state.held) world.accept(world.state.held.commit);
      return;
    case 'operate':
      world.operate(operationOf(one.verb, one.cluster));
      return;
    case 'time':
      world.nowMs += one.ms;
      return;
    case 'unhealthy-hub':
      world.hubHealthySinceMs = world.hubHealthySinceMs === undefined ? world.nowMs : undefined;
      return;
    case 'answer':
      for (const { key } of dueChecks(world.state, world.nowMs))
        world.answers.set(key, { kind: one.isGood ? 'passed' : 'failed', text: '' });
      return;
    case 'cap':
      world.fleet.caps = { max: one.max, perClusterMax: 3 };
      return;
    case 'window':
      world.fleet.close(one.closed, one.exemptsUrgent);
  }
}

type Verb = Extract<Happening, { readonly do: 'operate' }>['verb'];

function operationOf(verb: Verb, cluster: string): RolloutOperation {
  if (verb === 'skip') return { verb, cluster: uidOf(cluster) };
  return verb === 'approve' ? { verb, stage: undefined } : { verb };
}
