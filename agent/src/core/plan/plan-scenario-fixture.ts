import type { PlacementName } from '@flotilla/shared/base';
import fc from 'fast-check';
import { type InventoryEntry, intendedEntry, withEntries } from '../inventory/index.ts';
import { attemptKey, deleteAttempt, type Failure } from './attempts.ts';
import type { Claim, DesiredObject, Goal, PlanInput, PlanPolicy } from './goal.ts';
import {
  contentGoal,
  desire,
  emptyWorld,
  inputOf,
  liveOf,
  type PlanWorld,
  placement,
  policyOf,
} from './plan-world-fixture.ts';

/** Test only: the objects that scenarios are made of. */
export const pool = [
  ['Namespace', 'shop'],
  ['CustomResourceDefinition.apiextensions.k8s.io', 'widgets'],
  ['ClusterRole.rbac.authorization.k8s.io', 'reader'],
  ['ConfigMap', 'a'],
  ['ConfigMap', 'b'],
  ['Secret', 'key'],
  ['PersistentVolumeClaim', 'data'],
  ['Deployment.apps', 'web'],
  ['Service', 'web'],
  ['Job.batch', 'migrate'],
  ['Widget.example.org', 'one'],
  ['ValidatingWebhookConfiguration.admissionregistration.k8s.io', 'guard'],
] as const;

const other = 'other' as PlacementName;
const failures: Failure['severity'][] = ['final', 'passing', 'immutable'];

/** What one object of the pool is like at the start. */
const spot = fc.record({
  isWanted: fc.boolean(),
  hash: fc.constantFrom('h1', 'h2'),
  entry: fc.constantFrom('none', 'intended', 'applied', 'applied-other-uid', 'pruning'),
  live: fc.constantFrom(
    'absent',
    'member',
    'orphan',
    'unlabelled',
    'other-assignment',
    'other-set',
    'other-agent',
    'foreign',
    'deleting',
    'kept',
  ),
  sight: fc.constantFrom('seen', 'seen', 'seen', 'unseen', 'unreadable'),
  failure: fc.option(fc.constantFrom(...failures), { nil: undefined, freq: 6 }),
  deleteFails: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  isWantedElsewhere: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  claim: fc.constantFrom('none', 'none', 'none', 'won', 'lost'),
});
type Spot = typeof spot extends fc.Arbitrary<infer T> ? T : never;

/** Test only: any state of wishes, inventory, cluster and failures. */
export const scenario = fc.record({
  /** The content is stored, as the loop does it, so that no intent needs to be written. */
  isStored: fc.boolean(),
  /** Whatever is wanted can be applied, so that prunes are reached. */
  isSmooth: fc.boolean(),
  spots: fc.tuple(...pool.map(() => spot)),
  removal: fc.constantFrom(undefined, undefined, 'prune' as const, 'orphan' as const),
  hasUnplaced: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
  policy: fc.record({
    mode: fc.constantFrom('bestEffort' as const, 'atomic' as const),
    takeOver: fc.constantFrom('ifNoDiff' as const, 'always' as const, 'never' as const),
    takeOverFrom: fc.constantFrom(undefined, other),
    drift: fc.constantFrom('correct' as const, 'report' as const),
    prune: fc.record({
      enabled: fc.boolean(),
      maxObjects: fc.constantFrom(0, 1, 3, 100),
      maxPercent: fc.constantFrom(0, 30, 100),
    }),
  }),
});
export type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

export function makeWorld(given: Scenario): {
  world: PlanWorld;
  goal: Goal;
  policy: PlanPolicy;
  unreadable: Set<string>;
  isStored: boolean;
} {
  const world = emptyWorld();
  const wanted: DesiredObject[] = [];
  const unreadable = new Set<string>();
  const wantedElsewhere = new Map<string, string>();
  const claims = new Map<string, Claim>();
  const failed = new Map<string, Failure>();
  given.spots.forEach((rough, index) => {
    const one = given.isSmooth && rough.isWanted ? smooth(rough) : rough;
    const [kind, name] = pool[index] ?? pool[0];
    const object = desire(kind, name, one.hash);
    if (one.isWanted) wanted.push(object);
    placeLive(world, object, one);
    const entry = entryOf(world, object, one);
    if (entry !== undefined) world.inventory = withEntries(world.inventory, [entry]);
    if (one.sight === 'seen') world.seen.add(object.key);
    if (one.sight === 'unreadable') unreadable.add(object.key);
    if (one.isWantedElsewhere) wantedElsewhere.set(object.key, 'other');
    if (one.isWanted && one.claim !== 'none')
      claims.set(object.key, {
        winner: one.claim === 'won' ? placement : other,
        rivals: [other],
        why: one.claim === 'won' ? '' : 'which is older',
      });
    const reason = { code: 'No', text: 'no', subject: name };
    if (one.failure !== undefined)
      failed.set(attemptKey(object), { severity: one.failure, reason, retryAfterMs: undefined });
    if (one.deleteFails)
      failed.set(attemptKey({ key: object.key, hash: deleteAttempt }), {
        severity: 'final',
        reason,
        retryAfterMs: undefined,
      });
  });
  world.attempts = { ...world.attempts, failures: failed };
  world.persisted = world.inventory;
  if (wanted.length === 0) wanted.push(desire('ConfigMap', 'always'));
  const unplaced =
    given.hasUnplaced && !given.isSmooth
      ? [
          {
            kind: { group: 'x.org', version: 'v1', kind: 'X' },
            name: 'x',
            isDefinedHere: false,
            isUnreadable: false,
            servedVersion: undefined,
          },
        ]
      : [];
  const goal: Goal =
    given.removal === undefined
      ? { ...contentGoal(wanted), unplaced }
      : { kind: 'removal', mode: given.removal };
  return {
    world,
    goal,
    policy: policyOf({ ...given.policy, claims, wantedElsewhere }),
    unreadable,
    isStored: given.isStored,
  };
}

function smooth(one: Spot): Spot {
  const live = one.live === 'absent' ? 'absent' : 'member';
  return { ...one, failure: undefined, live, sight: 'seen', claim: 'none' };
}

function placeLive(world: PlanWorld, object: DesiredObject, { live }: Spot): void {
  if (live === 'absent') return;
  const changes = {
    member: {},
    orphan: { ownedFields: undefined },
    unlabelled: { assignment: undefined, partOf: undefined },
    'other-assignment': { assignment: 'other', partOf: 'applyset-other' },
    'other-set': { assignment: undefined, partOf: 'applyset-other' },
    'other-agent': { owner: 'hub/other' },
    foreign: { assignment: undefined, partOf: undefined, ownedFields: undefined },
    deleting: { isDeleting: true },
    kept: { isKept: true },
  };
  world.live.set(object.key, liveOf(object.ref, changes[live]));
}

function entryOf(world: PlanWorld, object: DesiredObject, { entry }: Spot): InventoryEntry | undefined {
  if (entry === 'none') return undefined;
  if (entry === 'intended') return intendedEntry(object.ref);
  const uid = entry === 'applied-other-uid' ? 'gone' : (world.live.get(object.key)?.uid ?? 'gone');
  const phase = entry === 'pruning' ? 'pruning' : 'applied';
  return { ...intendedEntry(object.ref), uid, renderedHash: 'h1', ownedFields: 'fields', phase };
}

export function look(
  world: PlanWorld,
  goal: Goal,
  context: { policy: PlanPolicy; unreadable: Set<string>; isStored: boolean },
): PlanInput {
  const input = inputOf(world, goal, context.policy);
  const live = new Map(input.live);
  const reason = { code: 'ApiUnavailable', text: 'no answer', subject: '' };
  for (const key of context.unreadable) live.set(key, { kind: 'unreadable', reason, isFinal: false });
  const wanted = goal.kind === 'content' ? goal.objects.map((object) => object.key) : [];
  return { ...input, live, storedIntent: new Set(context.isStored ? wanted : []) };
}
