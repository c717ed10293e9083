import type { ObjectRef } from '@flotilla/shared/model';
import { formatRef } from '@flotilla/shared/model';
import { findCircle, keysOf, type NamedObject, type OrderWish, type UnplacedObject } from '../plan/index.ts';
import { type Origin, problem, type RenderProblem } from './source-object.ts';

/** One object of the set with the order that it asks for. */
export interface Ordered {
  readonly ref: ObjectRef;
  readonly key: string;
  readonly origin: Origin;
  readonly wish: OrderWish;
}

/** What each object needs, by key; what asks for no order is not in it. Problems name what can never come to pass. */
export interface PlacedOrder {
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly RenderProblem[];
}

/**
 * Finds what objects name in `flotilla.dev/depends-on` among the objects of the set. What is not there, is of a later wave or
 * waits for the one that names it would hold the set for ever: it is a mistake of the files.
 */
export function placeOrder(objects: readonly Ordered[], unplaced: readonly UnplacedObject[]): PlacedOrder {
  const byKey = new Map(objects.map((one) => [one.key, one]));
  const needs = new Map<string, readonly string[]>();
  const problems: RenderProblem[] = [];
  for (const one of objects) {
    const keys: string[] = [];
    for (const named of one.wish.dependsOn) {
      const found = find(named, one, { byKey, unplaced });
      if (typeof found === 'string') keys.push(found);
      else problems.push(found);
    }
    if (keys.length > 0) needs.set(one.key, keys);
  }
  return { needs, problems: [...problems, ...circleIn(needs, byKey)] };
}

function circleIn(
  needs: ReadonlyMap<string, readonly string[]>,
  byKey: ReadonlyMap<string, Ordered>,
): readonly RenderProblem[] {
  const circle = (findCircle(needs) ?? []).flatMap((key) => byKey.get(key) ?? []);
  const [first] = circle;
  if (first === undefined) return [];
  const names = circle.map((one) => formatRef(one.ref)).join(' depends on ');
  return [problem('DependsOnCircle', `${names}: take one of these away`, { origin: first.origin })];
}

interface Around {
  readonly byKey: ReadonlyMap<string, Ordered>;
  readonly unplaced: readonly UnplacedObject[];
}

/** The key of what is named; of a kind that is not served yet, the key that it will have if it is where it is looked for. */
function find(named: NamedObject, from: Ordered, { byKey, unplaced }: Around): string | RenderProblem {
  const keys = keysOf(named, from.ref);
  const key = keys.find((one) => byKey.has(one));
  const target = key === undefined ? undefined : byKey.get(key);
  const { origin } = from;
  const who = formatRef(from.ref);
  if (key !== undefined && target !== undefined) {
    if (target.wish.wave <= from.wish.wave) return key;
    const waves = `wave ${target.wish.wave}, after its own wave ${from.wish.wave}`;
    return problem('DependsOnLaterWave', `${who} depends on ${named.text}, which is in ${waves}`, { origin });
  }
  const isComing = unplaced.some(
    ({ kind, name }) =>
      kind.group === named.kind.group && kind.kind === named.kind.kind && name === named.name,
  );
  if (isComing) return keys[0] ?? named.text;
  const text = `${who} depends on ${named.text}, which is not in the set: name an object of the same placement`;
  return problem('DependsOnMissing', text, { origin });
}
