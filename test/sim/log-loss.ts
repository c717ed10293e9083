import type { AgentProcess } from './agent-process.ts';
import { chanceOf } from './chance.ts';
import { settle } from './quiet-phase.ts';
import { must } from './violation.ts';
import type { World } from './world.ts';

/** Share of worlds in which the log loses its end after all has come to rest. */
const lossShare = 0.1;
/** So long every agent may take to come back, and to show what it holds. */
const backMs = 90_000;
/** Share of the losses after which the log first grows past what was lost, while those who hold rows of it are away. */
const overgrownShare = 0.2;
/** Commits pushed until it has; each makes one decision at least. */
const pushesMax = 20;

/**
 * I24: in some worlds the servers of the log go back to an older copy. Who had read further ends and begins anew; what agents show
 * tells of the loss, however far the log has grown since; nobody steps back; nothing begins until a person has looked; and then everything comes to what Git says.
 */
export async function loseLog(world: World): Promise<void> {
  const chance = chanceOf(world.seed ^ 0x1055);
  if (!chance.is(lossShare)) return;
  // What was asked is answered.
  await world.pass(10_000);
  const keptSeq = Math.max(1, world.raw.events.length - chance.whole(1, 40));
  const holders = [...world.agents.values()].filter((agent) => heldSeqOf(agent) > keptSeq);
  const isHeld = holders.length > 0;
  const isOvergrown = chance.is(overgrownShare);
  world.trace.add(`the log loses everything behind ${keptSeq}${isHeld ? '' : ', which no agent holds'}`);
  shorten(world, keptSeq);
  await world.pass(1_000);
  for (const [place, hub] of world.hubs.entries()) {
    must(hub?.isDead === true, 'I24', () => `${hub?.name} goes on with decisions that the log lost`);
    world.killHub(place);
    world.startHub(place);
  }
  if (isOvergrown && isHeld) await overgrow(world, holders);
  await world.pass(backMs);
  const isRaised = world.ledger.unconfirmedSinceMs !== undefined;
  must(isRaised || !isHeld, 'I24', () => 'agents hold rows that the log lost, and nobody says so');
  await settle(world, undefined);
}

function heldSeqOf({ disk }: AgentProcess): number {
  return Math.max(0, ...[...disk.values()].map(({ version }) => version.seq));
}

/** Those who could tell of the loss are away until the log has passed what they hold. */
async function overgrow(world: World, holders: readonly AgentProcess[]): Promise<void> {
  const heldSeq = Math.max(...holders.map(heldSeqOf));
  for (const agent of holders) agent.setCutOff(true);
  for (let count = 1; count <= pushesMax && world.raw.events.length < heldSeq; count += 1) {
    const { placements: before } = world.wish;
    const next = Object.entries(before).map(([name, one]) => [
      name,
      { ...one, content: `good-after-loss-${count}` },
    ]);
    world.push({ ...world.wish, placements: Object.fromEntries(next) });
    await world.pass(5_500);
  }
  const isPast = world.raw.events.length >= heldSeq;
  world.trace.add(
    `the log ${isPast ? 'has grown past' : 'ends before'} ${heldSeq}; who holds rows of it is back`,
  );
  for (const agent of holders) agent.setCutOff(false);
}

function shorten(world: World, keptSeq: number): void {
  world.raw.shorten(keptSeq);
  world.folds.shorten(keptSeq);
  world.ledger.restart(world.raw.events);
  world.log.shorten(keptSeq);
}
