import { chanceOf } from './chance.ts';
import { clusterNames, drawWish, labelsOf } from './fleet-plan.ts';
import { drawHappening } from './happenings.ts';
import { loseLog } from './log-loss.ts';
import { bringToRest } from './quiet-phase.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

/** What became of a seed. */
export interface SeedOutcome {
  readonly seed: number;
  readonly failure: Violation | undefined;
  /** All that happened, line by line. */
  readonly trace: () => readonly string[];
  readonly hash: string;
  /** Decisions in the log, by kind. */
  readonly kinds: { readonly [kind: string]: number };
}

/** Lives through one seed: a fleet begins, much happens, then nothing goes wrong any more and all must come to rest. */
export async function runSeed(seed: number): Promise<SeedOutcome> {
  const world = new World(seed);
  let failure: Violation | undefined;
  try {
    await live(world);
  } catch (error) {
    failure =
      error instanceof Violation
        ? error
        : new Violation('assertion', String((error as Error).stack ?? error));
  } finally {
    world.end();
    await world.time.run(0);
  }
  if (failure !== undefined) world.trace.add(`VIOLATION ${failure.message}`);
  const { trace } = world;
  return {
    seed,
    failure,
    trace: () => trace.lines(),
    hash: trace.hash(),
    kinds: kindsOf(world),
  };
}

async function live(world: World): Promise<void> {
  const chance = chanceOf(world.seed ^ 0x5eed);
  const count = chance.whole(3, 6);
  const clusters = clusterNames.slice(0, count).map((name) => ({ name, labels: labelsOf(name) }));
  await world.begin(drawWish(chance), clusters);
  await world.pass(chance.duration(1_000, 30_000));
  const isCalm = chance.is(0.15);
  for (let left = chance.whole(8, 26); left > 0; left -= 1) {
    const one = drawHappening(chance);
    if (isCalm && one.weight < 4) continue;
    world.trace.add(`> ${one.name}`);
    await one.happen(world, chance);
    await world.pass(chance.is(0.03) ? chance.whole(60_000, 400_000) : chance.duration(50, 15_000));
  }
  await bringToRest(world);
  await loseLog(world);
  world.folds.replay(world.raw.events);
}

function kindsOf({ raw }: World): SeedOutcome['kinds'] {
  const kinds: { [kind: string]: number } = {};
  for (const { event } of raw.events) kinds[event.payload.kind] = (kinds[event.payload.kind] ?? 0) + 1;
  return kinds;
}
