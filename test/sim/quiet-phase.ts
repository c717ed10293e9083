import { compareVersions } from '@flotilla/shared/model';
import { accept, ask, nameOf } from './people.ts';
import { Violation } from './violation.ts';
import { isIn, type Placed, placements } from './wish.ts';
import type { World } from './world.ts';

const by = { actor: 'eve', reason: 'brings everything to its end' };
/** Far more than any fleet of this size needs when nothing goes wrong. */
const patienceMs = 40 * 60_000;
const lookEveryMs = 10_000;

/**
 * All faults end, everybody is there, somebody agrees to what waits and pushes content that is good everywhere: then every
 * cluster must come to what Git says, and both hubs must come to rest.
 */
export async function bringToRest(world: World): Promise<void> {
  heal(world);
  await world.pass(5_000);
  const content = `good-at-last-${world.seed}`;
  for (const placed of placements) {
    const wish = world.wish.placements[placed];
    if (wish === undefined) continue;
    const next = { ...wish, content, scope: 'prod', isBroken: false } as const;
    world.wish = { ...world.wish, placements: { ...world.wish.placements, [placed]: next } };
  }
  world.push({ ...world.wish, frozen: undefined, note: `the end of ${world.seed}` });
  const untilMs = world.time.nowMs + patienceMs;
  for (let round = 0; ; round += 1) {
    await world.pass(lookEveryMs);
    const missing = whatIsMissing(world);
    if (missing === undefined) return;
    if (world.time.nowMs > untilMs) throw new Violation('liveness', missing);
    help(world, round);
  }
}

function heal(world: World): void {
  world.isQuiet = true;
  world.trace.add('quiet: all faults end');
  world.setBus(true);
  world.setGit(true);
  world.weather.delayMs = 30;
  world.weather.wildShare = 0;
  for (const place of world.hubs.keys()) world.startHub(place);
  for (const hub of world.hubs) {
    if (hub === undefined) continue;
    hub.wire.lossShare = 0;
    hub.wire.stalledUntilMs = 0;
  }
  for (const agent of world.agents.values()) {
    agent.setCutOff(false);
    agent.isDiskFull = false;
    agent.reports.lateUntilMs = 0;
    agent.start();
    for (const placed of placements) agent.reports.shake(nameOf(placed), 'Ready');
  }
  for (const cluster of world.truth.registrations.values()) {
    const now = cluster.at(-1);
    if (now?.isCordoned)
      world.register(now.name, now.labels).catch((error) => world.broke('register', error));
  }
}

/** What a person does who wants it to end: agrees, goes on, and at last aborts what cannot succeed. */
function help(world: World, round: number): void {
  const hub = world.hubs[round % world.hubs.length];
  if (hub === undefined) return;
  accept(world, hub);
  const isLate = round % 12 === 11;
  const verbs = [...(isLate ? (['abort'] as const) : []), 'resume', 'retry'] as const;
  for (const placed of placements) {
    const { active, withdraw } = hub.fleet.placementOf(nameOf(placed)).state;
    const target = { kind: 'placement', name: placed } as const;
    const isOld =
      active !== undefined && active.plan.release?.commit.id !== hub.fleet.control.adopted?.commit.id;
    for (const verb of verbs) {
      if (verb === 'abort' && !isOld) continue;
      if (verb === 'resume' && active === undefined && withdraw === undefined) continue;
      ask(world, hub, { target, operation: { verb }, expectedSeq: undefined, by });
    }
    ask(world, hub, { target, operation: { verb: 'approve', stage: undefined }, expectedSeq: undefined, by });
  }
}

/** The first thing that is not as Git says; undefined = all is. */
export function whatIsMissing(world: World): string | undefined {
  for (const agent of world.agents.values()) {
    for (const placed of placements) {
      const missing = missingOn(world, agent, placed);
      if (missing !== undefined) return missing;
    }
  }
  for (const hub of world.hubs) {
    if (hub?.fleet.isReady !== true) return 'a hub is not ready';
    if (hub.fleet.position.foldedSeq !== world.log.size) return `${hub.name} has not folded everything`;
    for (const [name, { state }] of hub.fleet.snapshot.placements) {
      const running = state.active ?? state.withdraw;
      if (running !== undefined)
        return `${running.id} has not ended (${running.status.kind}) at ${hub.name}: ${JSON.stringify(hub.fleet.placementOf(name).notes)}`;
    }
  }
  return undefined;
}

function missingOn(
  world: World,
  agent: World['agents'] extends Map<string, infer A> ? A : never,
  placed: Placed,
): string | undefined {
  const wish = world.wish.placements[placed];
  const cluster = world.truth.clusterNow(agent.uid);
  const row = agent.disk.get(nameOf(placed));
  const work = agent.reports.of(nameOf(placed));
  const at = `${agent.name}: ${placed}`;
  if (row !== undefined && (work === undefined || compareVersions(work.row.version, row.version) !== 0))
    return `${at} is not at its row`;
  if (wish === undefined || cluster === undefined || !isIn(wish.scope, cluster))
    return row === undefined || work?.state === 'Removed' ? undefined : `${at} is still there`;
  const tree = row?.kind === 'assignment' ? row.variant.content.trees[0]?.treeId : undefined;
  const content = tree === undefined ? undefined : world.repository.contentOf(tree);
  if (content !== wish.content) return `${at} runs ${content}, not ${wish.content}`;
  return work?.state === 'Ready' ? undefined : `${at} is ${work?.state}`;
}
