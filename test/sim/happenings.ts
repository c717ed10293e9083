import type { AgentProcess } from './agent-process.ts';
import type { Chance } from './chance.ts';
import { clusterNames, drawPlacement, drawPolicy, labelsOf } from './fleet-plan.ts';
import { askSomething } from './people.ts';
import { change, placedOf } from './pushes.ts';
import {
  abortRemoval,
  breakAfterItsWave,
  breakUnheard,
  breakWhileOthersAreSlow,
  fallSilent,
  pushWithoutEnd,
  takeOver,
} from './stories.ts';
import { contents, newRevisions, type Placed, type PlacementWish, type Scope, strategies } from './wish.ts';
import { uidOf, type World } from './world.ts';

/** Something that may happen in a world; what cannot happen now changes nothing. */
export interface Happening {
  readonly name: string;
  readonly weight: number;
  readonly happen: (world: World, chance: Chance) => Promise<void> | void;
}

/** All of them. */
export const happenings: readonly Happening[] = [
  {
    name: 'push content',
    weight: 14,
    happen: (world, chance) => change(world, chance, { content: chance.of(contents) }),
  },
  { name: 'push the content of before', weight: 3, happen: pushAgain },
  { name: 'push a rule', weight: 4, happen: (world, chance) => change(world, chance, drawChange(chance)) },
  { name: 'push a window, or none', weight: 1.5, happen: changeWindow },
  {
    name: 'breaks unheard while the others of its wave are slow',
    weight: 3,
    happen: breakWhileOthersAreSlow,
  },
  { name: 'a removal is aborted, and its cluster wanted again', weight: 1.2, happen: abortRemoval },
  { name: 'breaks after its wave has passed', weight: 0.8, happen: breakAfterItsWave },
  { name: 'good content is pushed without end', weight: 0.6, happen: pushWithoutEnd },
  { name: 'one placement takes over from another', weight: 0.8, happen: takeOver },
  { name: 'push a policy', weight: 1.5, happen: changePolicy },
  { name: 'break a file', weight: 2, happen: (world, chance) => change(world, chance, { isBroken: true }) },
  { name: 'remove or add a placement', weight: 1.5, happen: togglePlacement },
  { name: 'push by force, or nothing', weight: 1.5, happen: pushOddly },
  { name: 'ask', weight: 16, happen: askSomething },
  { name: 'kill a hub', weight: 7, happen: killHub },
  {
    name: 'start hubs',
    weight: 9,
    happen: (world) => world.hubs.forEach((_hub, place) => void world.startHub(place)),
  },
  { name: 'stall a hub', weight: 6, happen: stallHub },
  { name: 'lose answers', weight: 4, happen: loseAnswers },
  { name: 'bus away or back', weight: 3, happen: (world, chance) => world.setBus(chance.is(0.6)) },
  { name: 'git away or back', weight: 3, happen: (world, chance) => world.setGit(chance.is(0.6)) },
  { name: 'a cluster falls silent, and nothing else happens', weight: 0.8, happen: fallSilent },
  { name: 'cut streams', weight: 5, happen: (world, chance) => some(world, chance, (agent) => agent.cut()) },
  {
    name: 'cluster goes offline',
    weight: 6,
    happen: (world, chance) => one(world, chance, (agent) => agent.setCutOff(true)),
  },
  {
    name: 'clusters come back',
    weight: 6,
    happen: (world, chance) => some(world, chance, (agent) => agent.setCutOff(false)),
  },
  {
    name: 'kill an agent',
    weight: 4,
    happen: (world, chance) => one(world, chance, (agent) => agent.kill()),
  },
  {
    name: 'start agents',
    weight: 6,
    happen: (world, chance) => some(world, chance, (agent) => agent.start()),
  },
  {
    name: 'disk full or not',
    weight: 2,
    happen: (world, chance) =>
      one(world, chance, (agent) => {
        agent.isDiskFull = chance.is(0.4);
      }),
  },
  {
    name: 'disk lost',
    weight: 0.5,
    happen: (world, chance) => one(world, chance, (agent) => agent.loseDisk()),
  },
  { name: 'workload breaks or heals', weight: 5, happen: shake },
  { name: 'reports come late, and it breaks', weight: 5, happen: breakUnheard },
  {
    name: 'an old delta comes once more',
    weight: 1.5,
    happen: (world, chance) => some(world, chance, (agent) => agent.hearOld()),
  },
  { name: 'cluster joins', weight: 4, happen: join },
  { name: 'cluster leaves', weight: 1.5, happen: leave },
  { name: 'cordon or not', weight: 2, happen: cordon },
  { name: 'weather', weight: 4, happen: changeWeather },
];

const weights = happenings.reduce((sum, { weight }) => sum + weight, 0);

/** One of them, by weight. */
export function drawHappening(chance: Chance): Happening {
  let at = chance.next() * weights;
  for (const one of happenings) {
    at -= one.weight;
    if (at < 0) return one;
  }
  throw new Error('no happening has that weight');
}

function one(world: World, chance: Chance, act: (agent: AgentProcess) => void): void {
  const agent = chance.of([...world.agents.values(), undefined]);
  if (agent === undefined) return;
  world.trace.add(`  ${agent.name}`);
  act(agent);
}

function some(world: World, chance: Chance, act: (agent: AgentProcess) => void): void {
  for (const agent of chance.some([...world.agents.values()], 0.6)) act(agent);
}

function changeWindow(world: World, chance: Chance): void {
  const frozen = world.wish.frozen === undefined ? chance.of<Scope>(['prod', 'eu', 'us']) : undefined;
  world.push({ ...world.wish, frozen });
}

/** How many clusters may change at once, and how many placements one of them. */
function changePolicy(world: World, chance: Chance): void {
  world.push({ ...world.wish, ...drawPolicy(chance) });
}

function drawChange(chance: Chance): Partial<PlacementWish> {
  const changes: readonly Partial<PlacementWish>[] = [
    { scope: chance.of<Scope>(['prod', 'prod', 'eu', 'us', 'not-c2', 'nobody']) },
    { strategy: chance.of(strategies) },
    { onNewRevision: chance.of(newRevisions) },
    { dependsOnNet: false },
  ];
  return chance.of(changes);
}

/** A, B, A: what stood there before the last change of content. */
function pushAgain(world: World, chance: Chance): void {
  const name = placedOf(world, chance);
  const before =
    name &&
    world.raw.events.flatMap(({ event: { payload } }) =>
      payload.kind === 'control-adopted' ? [payload.commit.id] : [],
    );
  const earlier = (before ?? []).flatMap(
    (id) => world.repository.wishAt(id)?.placements[name ?? 'shop']?.content ?? [],
  );
  const content = earlier.at(-2);
  if (content !== undefined) change(world, chance, { content });
}

function togglePlacement(world: World, chance: Chance): void {
  const name = chance.of<Placed>(['net', 'shop']);
  const { [name]: gone, ...others } = world.wish.placements;
  const next: World['wish']['placements'] =
    gone === undefined ? { ...others, [name]: drawPlacement(chance) } : others;
  const isAlone = next.net === undefined;
  const placements = next.shop && isAlone ? { ...next, shop: { ...next.shop, dependsOnNet: false } } : next;
  world.push({ ...world.wish, placements });
}

function pushOddly(world: World, chance: Chance): void {
  if (chance.is(0.5))
    world.push({ ...world.wish, note: `forced ${chance.whole(1, 1e6)}` }, { isForced: true });
  else world.trace.add(`empty ${world.repository.empty(`nothing ${chance.whole(1, 1e6)}`)}`);
}

function killHub(world: World, chance: Chance): void {
  const place = chance.whole(0, 1);
  // Between any two of its steps: at a moment of its own, not at one of ours.
  world.time.after(chance.next() * 2_000, () => {
    if (!world.isQuiet) world.killHub(place);
  });
}

function stallHub(world: World, chance: Chance): void {
  const hub = world.hubs[chance.whole(0, 1)];
  if (hub === undefined) return;
  const ms = chance.duration(100, 60_000);
  world.trouble();
  hub.wire.stalledUntilMs = world.time.nowMs + ms;
  world.trace.add(`  ${hub.name} sees nothing new for ${ms} ms`);
}

function loseAnswers(world: World, chance: Chance): void {
  world.trouble();
  for (const hub of world.hubs) if (hub !== undefined) hub.wire.lossShare = chance.of([0, 0.05, 0.2]);
}

function shake(world: World, chance: Chance): void {
  const name = placedOf(world, chance);
  if (name === undefined) return;
  // A name of the list is a name.
  const placement = name as Parameters<AgentProcess['reports']['shake']>[0] & Placed;
  one(world, chance, (agent) => agent.reports.shake(placement, chance.of(['Degraded', 'Ready', 'Ready'])));
}

async function join(world: World, chance: Chance): Promise<void> {
  const absent = clusterNames.filter((name) => world.truth.clusterNow(uidOf(name)) === undefined);
  for (const name of chance.some(absent, 0.5)) await world.register(name, labelsOf(name));
}

async function leave(world: World, chance: Chance): Promise<void> {
  const uid = chance.of([...world.agents.keys(), undefined]);
  if (uid !== undefined && world.agents.size > 3) await world.unregister(uid);
}

async function cordon(world: World, chance: Chance): Promise<void> {
  const uid = chance.of([...world.agents.keys(), undefined]);
  const cluster = uid === undefined ? undefined : world.truth.clusterNow(uid);
  if (cluster === undefined) return;
  await world.register(cluster.name, cluster.labels, { isCordoned: !cluster.isCordoned && chance.is(0.5) });
}

function changeWeather(world: World, chance: Chance): void {
  world.trouble();
  world.weather.delayMs = chance.of([1, 30, 300, 5_000]);
  world.weather.wildShare = chance.of([0, 0, 0.02, 0.2]);
}
