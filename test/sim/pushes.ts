import type { Chance } from './chance.ts';
import type { Placed, PlacementWish } from './wish.ts';
import type { World } from './world.ts';

/** A placement that Git names now; undefined = it names none. */
export function placedOf(world: World, chance: Chance): Placed | undefined {
  // Keys of a wish are names of placements.
  const names = Object.keys(world.wish.placements) as Placed[];
  return names.length === 0 ? undefined : chance.of(names);
}

/** Changes what Git says of one of its placements. */
export function change(world: World, chance: Chance, part: Partial<PlacementWish>): void {
  changeOf(world, placedOf(world, chance), part);
}

/** Changes what Git says of a placement that it names; another one is not made. */
export function changeOf(world: World, name: Placed | undefined, part: Partial<PlacementWish>): void {
  const before = name && world.wish.placements[name];
  if (name === undefined || before === undefined) return;
  const next = { ...before, isBroken: false, ...part };
  world.push({ ...world.wish, placements: { ...world.wish.placements, [name]: next } });
}
