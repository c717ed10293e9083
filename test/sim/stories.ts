import type { ClusterUid } from '@flotilla/shared/base';
import type { AgentProcess } from './agent-process.ts';
import { calm } from './calm.ts';
import type { Chance } from './chance.ts';
import type { HubProcess } from './hub-process.ts';
import { accept, ask, nameOf } from './people.ts';
import { change, changeOf, placedOf } from './pushes.ts';
import { must } from './violation.ts';
import { type Placed, placements } from './wish.ts';
import type { World } from './world.ts';

/** A cluster goes while it changes, and for so long that it counts as lost. */
export async function fallSilent(world: World, chance: Chance): Promise<void> {
  change(world, chance, { content: `good${chance.whole(5, 99)}` });
  await world.pass(chance.duration(1_000, 8_000));
  const running = [...world.ledger.placements.values()].flatMap(({ active }) => active ?? []);
  const issued = running.flatMap(({ phases }) => [...phases].filter(([, { kind }]) => kind === 'issued'));
  const [uid] = issued.at(-1) ?? [];
  const agent = [...world.agents.values()].find((one) => one.uid === uid);
  world.trace.add(`  ${agent?.name}`);
  agent?.kill();
  await world.pass(480_000);
}

/** What was well until just now breaks, and the news of it is on its way while heartbeats name it already. */
export function breakUnheard(world: World, chance: Chance): void {
  for (const agent of chance.some([...world.agents.values()], 0.5)) {
    agent.reports.lateUntilMs = world.time.nowMs + chance.duration(5_000, 120_000);
    for (const placement of placements) {
      if (!chance.is(0.7)) continue;
      world.time.after(chance.duration(100, 30_000), () => {
        if (!world.isQuiet) agent.reports.shake(nameOf(placement), 'Degraded');
      });
    }
  }
}

/** In a calm world: a cluster that proved itself breaks, and its hub hears of it last; the others of its wave take long. */
export async function breakWhileOthersAreSlow(world: World, chance: Chance): Promise<void> {
  calm(world);
  await world.pass(70_000);
  world.wish = { ...world.wish, frozen: undefined, maxChangingPercent: 100, maxChangingPerCluster: 2 };
  const content = `uneven${chance.whole(1, 99)}`;
  const rest = {
    scope: 'prod',
    strategy: 'all-at-once',
    onNewRevision: 'supersede',
    dependsOnNet: false,
  } as const;
  change(world, chance, { content, ...rest });
  for (let second = 0; second < 30; second += 1) {
    await world.pass(1_000);
    const agent = [...world.agents.values()].find((one) => provenFirst(world, one));
    if (agent === undefined) continue;
    world.trace.add(`  ${agent.name}`);
    agent.reports.lateUntilMs = world.time.nowMs + 60_000;
    for (const placement of placements) agent.reports.shake(nameOf(placement), 'Degraded');
    break;
  }
  await world.pass(30_000);
}

/** In a calm world: a cluster leaves, a person aborts its removal, and later Git wants it again. */
export async function abortRemoval(world: World, chance: Chance): Promise<void> {
  const name = placedOf(world, chance);
  const hub = world.hubs.find((one) => one?.fleet.isReady === true);
  if (name === undefined || hub === undefined || hub.isDead) return;
  calm(world);
  changeOf(world, name, { scope: 'prod' });
  await world.pass(chance.duration(8_000, 40_000));
  changeOf(world, name, { scope: 'not-c2' });
  for (let look = 0; look < 40; look += 1) {
    await world.pass(500);
    if (world.ledger.of(name).withdraw === undefined) continue;
    const by = { actor: 'ada', reason: 'wants to keep it' };
    const target = { kind: 'placement', name } as const;
    ask(world, hub, { target, operation: { verb: 'abort' }, expectedSeq: undefined, by });
    break;
  }
  await world.pass(chance.duration(3_000, 15_000));
  changeOf(world, name, { scope: 'prod' });
  await world.pass(10_000);
}

/**
 * I14: in a calm world something good is pushed again and again, sooner than any rollout ends: some of it must reach the last
 * stage all the same.
 */
export async function pushWithoutEnd(world: World, chance: Chance): Promise<void> {
  const name = placedOf(world, chance);
  const hub = world.hubs.find((one) => one?.fleet.isReady === true);
  if (name === undefined || hub === undefined || hub.isDead) return;
  calm(world);
  for (const cluster of world.truth.registrations.values()) {
    const now = cluster.at(-1);
    if (now?.isCordoned) await world.register(now.name, now.labels);
  }
  await world.pass(70_000);
  world.wish = { ...world.wish, frozen: undefined, maxChangingPercent: 100, maxChangingPerCluster: 2 };
  const rules = { scope: 'prod', strategy: 'quick', onNewRevision: 'auto', dependsOnNet: false } as const;
  const from = world.raw.events.length;
  const ended = world.ledger.of(name).active;
  for (let push = 0; push < pushesMax; push += 1) {
    changeOf(world, name, { ...rules, content: `slow${from}x${push}` });
    if (push === 0) await endWhatRuns(world, hub, name);
    await world.pass(chance.whole(6_000, 9_000));
  }
  const told = world.ledger.of(name);
  const since = [...told.rollouts.values()].filter((one) => one.planned.seq > from && one !== ended);
  const hasReached = since.some(({ opened, plan }) =>
    [...opened.keys()].some((wave) => plan.waves[wave]?.stage === plan.strategy.stages.length - 1),
  );
  const text = () =>
    `${pushesMax} releases of ${name} were pushed one after the other, and none reached its last stage`;
  // Behind a history that was pushed by force, and waits for a person, nothing comes into force.
  must(hasReached || since.length === 0, 'I14', text);
}

/** A halted or paused rollout is not what the endless pushes are about. */
async function endWhatRuns(world: World, hub: HubProcess, name: Placed): Promise<void> {
  const by = { actor: 'ada', reason: 'ends what runs' };
  const target = { kind: 'placement', name } as const;
  ask(world, hub, { target, operation: { verb: 'abort' }, expectedSeq: undefined, by });
  await world.pass(1_000);
}

/** Two more than may be superseded in a row, and as many again to get through a first stage and into the last one. */
const pushesMax = 12;

/** In a calm world: what one placement has goes over to the other one, which is pushed while the first one leaves Git (I19). */
export async function takeOver(world: World, chance: Chance): Promise<void> {
  const { net, shop } = world.wish.placements;
  if (shop === undefined) return;
  calm(world);
  const placing = {
    ...shop,
    scope: 'prod',
    strategy: 'quick',
    isBroken: false,
    dependsOnNet: false,
  } as const;
  const before = { ...placing, content: 'good2', takesOverNet: false };
  world.push({
    ...world.wish,
    frozen: undefined,
    placements: { net: { ...(net ?? before), scope: 'prod' }, shop: before },
  });
  await world.pass(chance.duration(10_000, 60_000));
  const after = { ...placing, content: chance.of(['good1', 'slow1', 'frail1', 'bad1']), takesOverNet: true };
  world.push({ ...world.wish, placements: { shop: after } });
  for (let look = 0; look < 12; look += 1) {
    await world.pass(chance.duration(1_000, 6_000));
    const hub = world.hubs.find((one) => one?.fleet.isReady === true);
    if (hub !== undefined && !hub.isDead) accept(world, hub);
  }
}

/** In a calm world: who was proven breaks while the wave after its own is under way. */
export async function breakAfterItsWave(world: World, chance: Chance): Promise<void> {
  const name = placedOf(world, chance);
  if (name === undefined) return;
  calm(world);
  await world.pass(30_000);
  world.wish = { ...world.wish, frozen: undefined, maxChangingPercent: 100, maxChangingPerCluster: 2 };
  const content = `slow${chance.whole(2, 99)}`;
  const rules = {
    scope: 'prod',
    strategy: 'quick',
    onNewRevision: 'supersede',
    dependsOnNet: false,
  } as const;
  changeOf(world, name, { content, ...rules });
  for (let second = 0; second < 60; second += 1) {
    await world.pass(1_000);
    const running = world.ledger.of(name).active;
    if (running?.opened.size !== 2 || running.passed.size !== 1) continue;
    const [first] = running.proven.keys();
    const agent = [...world.agents.values()].find(({ uid }) => uid === first);
    world.trace.add(`  ${agent?.name}`);
    agent?.reports.shake(nameOf(name), 'Degraded');
    break;
  }
  await world.pass(30_000);
}

/** Whether a cluster has told that it is well in a wave of which another one is not. */
function provenFirst(world: World, agent: AgentProcess): boolean {
  return [...world.ledger.placements].some(([name, { active, rows }]) => {
    const issued = [...(active?.phases ?? [])]
      .filter(([, { kind }]) => kind === 'issued')
      .map(([uid]) => uid);
    // The ledger's placements are the simulation's own.
    const states = issued.map(
      (uid) => world.agents.get(uid as ClusterUid)?.reports.of(nameOf(name as Placed))?.state,
    );
    const said = agent.reports.said.at(-1)?.report.assignments.find(({ placement }) => placement === name);
    const isOfRow = said?.version.seq === rows.get(agent.uid)?.version.seq;
    return isOfRow && said?.state === 'Ready' && issued.includes(agent.uid) && states.includes('Progressing');
  });
}
