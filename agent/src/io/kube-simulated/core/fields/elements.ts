import type { ListType } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isList, isObject } from '../values.ts';

/** An item of a list that cannot be told from others. */
export interface ElementProblem {
  readonly problem: string;
}

/** The element name of a field. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The name of a field element; undefined for other elements. */
export function fieldNameOf(element: string): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

/** The element that names an item of a list that is a map or a set, or why it has none. */
export function listElement(list: ListType, item: Value): string | ElementProblem {
  return list.relation === 'map' ? keyElement(list, item) : setElement(item);
}

function keyElement(list: ListType, item: Value): string | ElementProblem {
  if (item === null) return { problem: 'associative list with keys may not have a null element' };
  if (!isObject(item)) return { problem: 'associative list with keys may not have non-map elements' };
  const keys: Record<string, Value> = {};
  for (const { name, standard } of [...list.keys].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const value = item[name] ?? standard ?? zeroKey(list, name);
    if (value !== undefined) keys[name] = value;
  }
  if (Object.keys(keys).length === 0) {
    const names = list.keys.map(({ name }) => JSON.stringify(name)).join(' ');
    return {
      problem: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    };
  }
  return `k:${JSON.stringify(keys)}`;
}

/** A key that the server always writes counts as its zero value when it is missing. */
function zeroKey(list: ListType, name: string): Value | undefined {
  const field = list.item.kind === 'struct' ? list.item.fields.get(name) : undefined;
  if (field?.presence !== 'always' || field.type.kind !== 'scalar') return undefined;
  return field.type.scalar === 'integer' ? 0 : '';
}

function setElement(item: Value): string | ElementProblem {
  if (item === null)
    return { problem: "associative list without keys has an element that's an explicit null" };
  if (isList(item)) return { problem: 'not supported: associative list with lists as elements' };
  if (isObject(item)) return { problem: "associative list without keys has an element that's a map type" };
  return `v:${JSON.stringify(item)}`;
}
