import type { Chance } from './chance.ts';
import type { Asked, HubProcess } from './hub-process.ts';
import { placementSubject, type RawEvent } from './raw-log.ts';
import { must } from './violation.ts';
import { type Placed, placements } from './wish.ts';
import type { World } from './world.ts';

const verbs = [
  'pause',
  'resume',
  'abort',
  'undo',
  'retry',
  'approve',
  'promote',
  'urgent',
  'skip',
  'resume',
  'approve',
  'accept',
] as const;
const by = { actor: 'ada', reason: 'wants to' };

/** A person asks one of the hubs for something: once, twice, or with a sequence that is old. */
export function askSomething(world: World, chance: Chance): void {
  const up = world.hubs.filter((hub) => hub?.fleet.isReady === true);
  const hub = up.length === 0 ? undefined : chance.of(up);
  const verb = chance.of(verbs);
  if (hub === undefined) return;
  if (verb === 'accept') {
    accept(world, hub);
    return;
  }
  const placement = chance.of(placements);
  const operation = operationOf(world, verb, chance);
  const isPinned = chance.is(0.4);
  const lastSeq = hub.fleet.placementOf(nameOf(placement)).state.lastSeq;
  const expectedSeq = isPinned ? Math.max(0, lastSeq - chance.of([0, 0, 1, 5])) : undefined;
  const target = { kind: 'placement', name: placement } as const;
  ask(world, hub, { target, operation, expectedSeq, by });
}

function operationOf(
  world: World,
  verb: Exclude<(typeof verbs)[number], 'accept'>,
  chance: Chance,
): Asked['operation'] {
  if (verb === 'approve') return { verb, stage: undefined };
  if (verb !== 'skip') return { verb };
  return { verb, cluster: chance.of([...world.agents.values()].map(({ name }) => name).concat('none')) };
}

/**
 * Asks, and judges the answer by the log: an old sequence decides nothing, the same asked again changes nothing (I21), and what
 * was acknowledged stands there (J6).
 */
export function ask(world: World, hub: HubProcess, question: Asked): void {
  world.asked += 1;
  // By its reason an answer finds its own events.
  const reason = `${question.by.reason} ${world.asked}`;
  const asked = { ...question, by: { ...question.by, reason } };
  const subject = placementSubject(asked.target.name as Placed);
  const work = async (): Promise<void> => {
    const beforeSeq = world.raw.lastSeq(subject);
    const answer = await hub.operate(asked);
    const pinned = asked.expectedSeq === undefined ? '' : ` at ${asked.expectedSeq}`;
    const what = `${hub.name}: ${asked.operation.verb} ${asked.target.name}${pinned}`;
    world.trace.add(`  ${what}: ${answer.ok ? answer.value.text : answer.error.text.slice(0, 100)}`);
    if (!answer.ok || !answer.value.isChanged) return;
    const { lastSeq } = answer.value;
    const isThere = world.raw.events
      .slice(beforeSeq, lastSeq)
      .some((one) => one.subject === subject && isBy(one, reason));
    must(isThere, 'J6', () => `${what} is acknowledged at ${lastSeq}, but does not stand in the log`);
    if (asked.expectedSeq !== undefined)
      judgePinned(world, { subject, what, expectedSeq: asked.expectedSeq });
    // An operation is about a rollout: of a placement there may be another one by now.
    const target = { kind: 'rollout', name: answer.value.rollout } as const;
    await askAgain(world, hub, { asked: { ...asked, target, expectedSeq: undefined }, subject, what });
  };
  work().catch((error: unknown) => {
    if (!hub.isDead) world.broke(`${hub.name}: ${asked.operation.verb}`, error);
  });
}

function judgePinned(
  world: World,
  {
    expectedSeq,
    subject,
    what,
  }: { readonly subject: string; readonly what: string; readonly expectedSeq: number },
): void {
  const mine = world.raw.events.findLast(
    ({ event, subject: at }) =>
      at === subject && event.actor.kind === 'person' && event.expectedSeq === expectedSeq,
  );
  must(mine !== undefined, 'I21', () => `${what} changed something on another state than it was asked for`);
}

function isBy({ event: { actor } }: RawEvent, reason: string): boolean {
  return actor.kind === 'person' && actor.reason === reason;
}

async function askAgain(
  world: World,
  hub: HubProcess,
  about: { readonly asked: Asked; readonly subject: string; readonly what: string },
): Promise<void> {
  const before = world.raw.lastSeq(about.subject);
  // What the hub decided since may give the same words another meaning.
  const last = world.raw.events[before - 1];
  if (last === undefined || !isBy(last, about.asked.by.reason)) return;
  const answer = await hub.operate(about.asked);
  const own = world.raw.events.findLast(({ subject }) => subject === about.subject);
  const isAlone = own?.seq === before || own?.event.expectedSeq === before;
  const isChanged = answer.ok && answer.value.isChanged;
  must(
    !isAlone || !isChanged || isOfNewerWish(last, own),
    'I21',
    () => `${about.what}, asked again when nothing had happened since, decides once more`,
  );
}

/**
 * Whether a release was called urgent after another one: the hub had not folded yet that a newer commit came into force, and
 * what is called urgent is what Git asks for.
 */
function isOfNewerWish({ event: first }: RawEvent, second: RawEvent | undefined): boolean {
  const [before, now] = [first.payload, second?.event.payload];
  return before.kind === 'release-urgent' && now?.kind === 'release-urgent' && before.release !== now.release;
}

/** A person agrees to what waits: a commit, or what is to be taken away. */
export function accept(world: World, hub: HubProcess): void {
  const waiting = [...(hub.fleet.outlook.waiting.get('control') ?? [])].map(({ commit }) => commit);
  const held = [...hub.fleet.snapshot.placements.values()].flatMap(({ state }) => state.held?.commit ?? []);
  for (const commit of new Set([...waiting, ...held])) {
    world.trace.add(`  ${hub.name}: accept ${commit.slice(0, 8)}`);
    hub.accept(commit).catch((error: unknown) => {
      if (!hub.isDead) world.broke(`${hub.name}: accept`, error);
    });
  }
}

/** A person has looked at what the log lost: rollouts may go on. */
export function confirm(world: World, hub: HubProcess): void {
  const { epoch, unconfirmed } = hub.fleet.epoch;
  if (unconfirmed === undefined) return;
  world.trace.add(`  ${hub.name}: confirm epoch ${epoch}`);
  hub.confirm(epoch).catch((error: unknown) => {
    if (!hub.isDead) world.broke(`${hub.name}: confirm`, error);
  });
}

/** A placement's name as ids have it. */
export function nameOf(placement: Placed): Parameters<HubProcess['fleet']['placementOf']>[0] {
  // The names of the simulation are labels.
  return placement as never;
}
