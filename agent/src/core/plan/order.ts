import { err, ok, type Result } from '@flotilla/shared/base';
import type { GroupKind, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { objectKey } from '@flotilla/shared/model';
import { hookPhase } from './hook.ts';
import { stageOf, stages } from './stages.ts';

/** An object waits until everything of the waves before its own is applied and healthy. 0 where it says nothing. */
export const waveAnnotation = 'flotilla.dev/wave';
/** What of the same set must be applied and healthy first: `KIND[.GROUP]/[NAMESPACE/]NAME`, with commas between. */
export const dependsOnAnnotation = 'flotilla.dev/depends-on';

/** Waves count within these bounds, above and below 0; nobody needs more. */
const waveMax = 1_000;

/** An object as another one names it. */
export interface NamedObject {
  readonly text: string;
  readonly kind: GroupKind;
  /** Undefined = not named: that of the object itself, or none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The order that the annotations of one object ask for. */
export interface OrderWish {
  readonly wave: number;
  readonly dependsOn: readonly NamedObject[];
}

const kindPattern = /^[A-Z][A-Za-z0-9]*(\.[a-z0-9.-]+)?$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9.:_-]*$/;

/** Reads the order that an object asks for; an error says what is wrong with it, as the end of a sentence about it. */
export function parseOrder(object: KubeObject, kind: GroupKind): Result<OrderWish, string> {
  // A manifest may have anything there, whatever the type says.
  const annotations: { readonly [name: string]: unknown } = object.metadata.annotations ?? {};
  const [waveText, needsText] = [annotations[waveAnnotation], annotations[dependsOnAnnotation]];
  if (waveText === undefined && needsText === undefined) return ok({ wave: 0, dependsOn: [] });
  const place = placeOfItsOwn(object, kind);
  if (place !== undefined)
    return err(`${place}: take ${waveAnnotation} and ${dependsOnAnnotation} away from it`);
  const wave = parseWave(waveText);
  if (wave === undefined)
    return err(
      `has ${waveAnnotation}: ${JSON.stringify(waveText)}, which is no integer from -${waveMax} to ${waveMax} in quotes`,
    );
  const dependsOn = parseDependsOn(needsText);
  if (dependsOn === undefined)
    return err(
      `has ${dependsOnAnnotation}: ${JSON.stringify(needsText)}, which is not KIND[.GROUP]/[NAMESPACE/]NAME with commas between`,
    );
  return ok({ wave, dependsOn });
}

/** Why an object can have no other place than its kind or its hook gives it. */
function placeOfItsOwn(object: KubeObject, kind: GroupKind): string | undefined {
  if (stageOf(kind) === stages.foundations) return 'goes before all others in any case';
  return hookPhase(object) === undefined ? undefined : 'is a hook, which helm.sh/hook-weight gives its place';
}

function parseWave(text: unknown): number | undefined {
  if (text === undefined) return 0;
  const wave = typeof text === 'string' && /^[-+]?\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(wave) <= waveMax ? wave : undefined;
}

function parseDependsOn(text: unknown): readonly NamedObject[] | undefined {
  if (text === undefined) return [];
  if (typeof text !== 'string') return undefined;
  const named: NamedObject[] = [];
  for (const part of text.split(',')) {
    const one = parseNamed(part.trim());
    if (one === undefined) return undefined;
    named.push(one);
  }
  return named;
}

function parseNamed(text: string): NamedObject | undefined {
  const [kindText = '', ...path] = text.split('/');
  const name = path.at(-1);
  const isGood = kindPattern.test(kindText) && path.length <= 2 && path.every((one) => namePattern.test(one));
  if (!isGood || name === undefined) return undefined;
  const [kind = '', ...group] = kindText.split('.');
  const namespace = path.length === 2 ? path[0] : undefined;
  return { text, kind: { group: group.join('.'), kind }, namespace, name };
}

/** The keys under which a named object may be in the set, the likelier first. */
export function keysOf(named: NamedObject, from: Pick<ObjectRef, 'namespace'>): readonly string[] {
  const namespaces = named.namespace === undefined ? [from.namespace, undefined] : [named.namespace];
  return namespaces.map((namespace) => objectKey({ ...named.kind, namespace, name: named.name }));
}

/** A circle among objects that need others, as keys, the first also at the end; undefined = there is none. */
export function findCircle(needs: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of needs.keys()) {
    const circle = circleFrom(start, needs, done);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Without recursion: a chain may be as long as the set. */
function circleFrom(
  start: string,
  needs: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): readonly string[] | undefined {
  const path = done.has(start) ? [] : [start];
  for (let key = path.at(-1); key !== undefined; key = path.at(-1)) {
    const open = needs.get(key)?.find((one) => !done.has(one));
    if (open === undefined) {
      done.add(key);
      path.pop();
      continue;
    }
    const before = path.indexOf(open);
    if (before >= 0) return [...path.slice(before), open];
    path.push(open);
  }
  return undefined;
}
