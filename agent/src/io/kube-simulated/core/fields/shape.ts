import type { SchemaType } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isList, isObject } from '../values.ts';

/** How a value is walked: as one leaf, field by field, or item by item. */
export type Shape = 'leaf' | 'fields' | 'items';

/** The shape of a value under a type. Untyped values show their own; `null` and absent follow the other side. */
export function shapeOf(type: SchemaType, ...values: readonly (Value | undefined)[]): Shape {
  switch (type.kind) {
    case 'scalar':
      return 'leaf';
    case 'struct':
    case 'map':
      return type.isAtomic ? 'leaf' : 'fields';
    case 'list':
      return type.relation === 'atomic' ? 'leaf' : 'items';
    case 'untyped': {
      const given = values.filter((value) => value !== undefined && value !== null);
      return given.length > 0 && given.every(isObject) ? 'fields' : 'leaf';
    }
  }
}

/** The keys of two objects, left ones first, each once. */
export function keysOfBoth(left: Value | undefined, right: Value | undefined): readonly string[] {
  const keys = new Set<string>();
  if (isObject(left)) for (const key of Object.keys(left)) keys.add(key);
  if (isObject(right)) for (const key of Object.keys(right)) keys.add(key);
  return [...keys];
}

/** A field of an object, undefined when there is none. */
export function fieldOf(value: Value | undefined, key: string): Value | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The items of a list; none for null and absent. */
export function itemsOf(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : [];
}
