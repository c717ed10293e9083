import type { IgnoreRule } from '@flotilla/shared/model';
import { formatRef, refOf } from '@flotilla/shared/model';
import { isRecord } from '../../health/fields.ts';
import { parsePointer, withoutPointer } from '../json-pointer.ts';
import { problem, type RenderProblem, type SourceObject } from '../source-object.ts';
import { compileTarget } from '../target.ts';
import type { ChanceCall } from './calls.ts';

/** Fields and calls that one message names. */
const namedMax = 3;

/**
 * Objects that two renders of the same files made differently: each commit would change them for no reason. Fields that the
 * placement leaves to others do not count. Values are not shown: they are often secrets.
 */
export function compareRenders(
  first: readonly SourceObject[],
  second: readonly SourceObject[],
  options: { readonly calls: readonly ChanceCall[]; readonly ignore: readonly IgnoreRule[] },
): readonly RenderProblem[] {
  const others = new Map(second.map((source) => [keyOf(source), source]));
  const calls = describeCalls(options.calls);
  const changed = first.flatMap((source) => {
    const other = others.get(keyOf(source));
    const fields =
      other === undefined
        ? ['metadata.name']
        : differences(sent(source, options.ignore), sent(other, options.ignore), '');
    if (fields.length === 0) return [];
    const text = `${formatRef(refOf(source.object))} comes out differently each time (${cut(fields)}): the chart calls ${calls}; give what it makes up as a value, or set the field by a patch`;
    return [problem('NotRepeatable', text, { origin: source.origin })];
  });
  if (changed.length > 0 || first.length === second.length) return changed;
  const text = `the chart comes out with ${first.length} objects once and ${second.length} then: it calls ${calls}`;
  return [problem('NotRepeatable', text)];
}

function keyOf({ object }: SourceObject): string {
  return JSON.stringify([
    object.apiVersion,
    object.kind,
    object.metadata.namespace ?? '',
    object.metadata.name,
  ]);
}

/** The object without what the placement leaves to others. */
function sent({ object }: SourceObject, ignore: readonly IgnoreRule[]): unknown {
  let body: unknown = object;
  for (const { target, pointers } of ignore) {
    const match = compileTarget(target);
    if (!match.ok || !match.value(object)) continue;
    for (const pointer of pointers) body = withoutPointer(body, parsePointer(pointer) ?? []);
  }
  return body;
}

function differences(one: unknown, other: unknown, path: string): readonly string[] {
  if (Object.is(one, other)) return [];
  const isSameShape = (isRecord(one) && isRecord(other)) || (Array.isArray(one) && Array.isArray(other));
  if (!isSameShape) return [path];
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.flatMap((name) =>
    differences(left.get(name), right.get(name), path === '' ? name : `${path}.${name}`),
  );
}

function describeCalls(calls: readonly ChanceCall[]): string {
  return cut(calls.map(({ name, path, line }) => `${name} (${path}, line ${line})`));
}

function cut(texts: readonly string[]): string {
  const more = texts.length - namedMax;
  const shown = texts.slice(0, namedMax).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
