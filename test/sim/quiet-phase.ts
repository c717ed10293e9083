import { compareVersions } from '@flotilla/shared/model';
import type { AgentProcess } from './agent-process.ts';
import { calm } from './calm.ts';
import { chanceOf } from './chance.ts';
import type { HubProcess } from './hub-process.ts';
import { accept, ask, confirm, nameOf } from './people.ts';
import { Violation } from './violation.ts';
import { isIn, type Placed, placements } from './wish.ts';
import type { World } from './world.ts';

const by = { actor: 'eve', reason: 'brings everything to its end' };
/** Far more than any fleet of this size needs when nothing goes wrong. */
const patienceMs = 40 * 60_000;
const lookEveryMs = 10_000;

/**
 * All faults end, everybody is there, somebody agrees to what waits and pushes content that is good everywhere: then every
 * cluster must come to what Git says, and both hubs must come to rest (J1). In some worlds one cluster stays away at first: all
 * others must come to rest without it, and it after its return (I15).
 */
export async function bringToRest(world: World): Promise<void> {
  const away = drawAway(world);
  heal(world, away);
  await world.pass(5_000);
  const content = `good-at-last-${world.seed}`;
  for (const placed of placements) {
    const wish = world.wish.placements[placed];
    if (wish === undefined) continue;
    const next = { ...wish, content, scope: 'prod', isBroken: false } as const;
    world.wish = { ...world.wish, placements: { ...world.wish.placements, [placed]: next } };
  }
  world.push({ ...world.wish, frozen: undefined, note: `the end of ${world.seed}` });
  await settle(world, away);
  if (away === undefined) return;
  world.trace.add(`${away.name} is back`);
  away.setCutOff(false);
  away.start();
  await settle(world, undefined);
}

/** Share of worlds in which a cluster stays away. */
const awayShare = 0.25;

/** A cluster that no strategy waits for by name. */
function drawAway(world: World): AgentProcess | undefined {
  const chance = chanceOf(world.seed ^ 0xa3a7);
  const some = [...world.agents.values()].filter(({ uid }) => world.truth.labelOf(uid, 'tier') === undefined);
  return chance.is(awayShare) && some.length > 1 ? chance.of(some) : undefined;
}

/** Waits until everything is as Git says, with a person's help. */
export async function settle(world: World, away: AgentProcess | undefined): Promise<void> {
  const untilMs = world.time.nowMs + patienceMs;
  for (let round = 0; ; round += 1) {
    await world.pass(lookEveryMs);
    const missing = whatIsMissing(world, away);
    if (missing === undefined) return;
    if (world.time.nowMs > untilMs) throw new Violation(away === undefined ? 'J1' : 'I15', missing);
    help(world, round, away);
  }
}

function heal(world: World, away: AgentProcess | undefined): void {
  world.isQuiet = true;
  world.trace.add(`quiet: all faults end${away === undefined ? '' : `, but ${away.name} stays away`}`);
  calm(world, away);
  for (const agent of world.agents.values())
    for (const placed of placements) agent.reports.shake(nameOf(placed), 'Ready');
  for (const cluster of world.truth.registrations.values()) {
    const now = cluster.at(-1);
    if (now?.isCordoned)
      world.register(now.name, now.labels).catch((error) => world.broke('register', error));
  }
}

/** What a person does who wants it to end: agrees, goes on without who is away, and at last aborts what cannot succeed. */
function help(world: World, round: number, away: AgentProcess | undefined): void {
  const hub = world.hubs[round % world.hubs.length];
  if (hub === undefined) return;
  accept(world, hub);
  confirm(world, hub);
  const isLate = round % 12 === 11;
  const verbs = [...(isLate ? (['abort'] as const) : []), 'resume', 'retry'] as const;
  for (const placed of placements) {
    const { active, withdraw } = hub.fleet.placementOf(nameOf(placed)).state;
    const target = { kind: 'placement', name: placed } as const;
    const isOld =
      active !== undefined && active.plan.release?.commit.id !== hub.fleet.control.adopted?.commit.id;
    if (away !== undefined && active?.status.kind === 'halted') {
      const operation = { verb: 'skip', cluster: away.name } as const;
      ask(world, hub, { target, operation, expectedSeq: undefined, by });
    }
    for (const verb of verbs) {
      if (verb === 'abort' && !isOld) continue;
      if (verb === 'resume' && active === undefined && withdraw === undefined) continue;
      ask(world, hub, { target, operation: { verb }, expectedSeq: undefined, by });
    }
    ask(world, hub, { target, operation: { verb: 'approve', stage: undefined }, expectedSeq: undefined, by });
  }
}

/** The first thing that is not as Git says; undefined = all is. What only who is away has to do may wait for it. */
function whatIsMissing(world: World, away: AgentProcess | undefined): string | undefined {
  for (const agent of world.agents.values()) {
    if (agent === away) continue;
    for (const placed of placements) {
      const missing = missingOn(world, agent, placed);
      if (missing !== undefined) return missing;
    }
  }
  for (const hub of world.hubs) {
    if (hub?.fleet.isReady !== true) return 'a hub is not ready';
    const unheard = [...world.agents.values()].find((one) => one !== away && !isHeard(world, hub, one));
    if (unheard !== undefined) return `${hub.name} has not the last report of ${unheard.name}`;
    if (hub.fleet.position.foldedSeq !== world.log.size) return `${hub.name} has not folded everything`;
    for (const [name, { state }] of hub.fleet.snapshot.placements) {
      const running = state.active ?? (away === undefined ? state.withdraw : undefined);
      if (running !== undefined)
        return `${running.id} has not ended (${running.status.kind}) at ${hub.name}: ${JSON.stringify(hub.fleet.placementOf(name).notes)}`;
    }
  }
  return undefined;
}

/** J3: what an agent said half a minute ago is known, be it by something newer. */
function isHeard(world: World, hub: HubProcess, agent: AgentProcess): boolean {
  const said = agent.reports.said.findLast(({ atMs }) => atMs < world.time.nowMs - 30_000)?.report;
  const report = hub.fleet.snapshot.clusters.get(agent.uid)?.view.report;
  if (said === undefined || report === undefined) return said === undefined;
  return (report.incarnation - said.incarnation || report.seq - said.seq) >= 0;
}

function missingOn(world: World, agent: AgentProcess, placed: Placed): string | undefined {
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
