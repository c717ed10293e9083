import type { ListType, SchemaType } from '../schema/index.ts';
import { typeOfField, untyped } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isObject } from '../values.ts';
import { fieldElement, listElement } from './elements.ts';
import type { FieldSet } from './field-set.ts';
import { itemsOf, shapeOf } from './shape.ts';

/** Takes the fields and items of a set out of a value. What becomes empty thereby is null, which the server drops. */
export function removeFields(value: Value, toRemove: FieldSet, type: SchemaType): Value {
  switch (shapeOf(type, value)) {
    case 'leaf':
      return type.kind === 'scalar' || type.kind === 'untyped' ? value : null;
    case 'fields':
      return removeFromObject(value, toRemove, type);
    case 'items':
      return type.kind === 'list' ? removeFromList(value, toRemove, type) : value;
  }
}

function removeFromObject(value: Value, toRemove: FieldSet, type: SchemaType): Value {
  if (!isObject(value)) return null;
  const kept: Record<string, Value> = {};
  for (const [key, item] of Object.entries(value)) {
    const below = toRemove.children.get(fieldElement(key));
    if (below?.isMember === true) continue;
    const hasBelow = below !== undefined && below.children.size > 0;
    kept[key] = hasBelow ? removeFields(item, below, typeOfField(type, key) ?? untyped) : item;
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function removeFromList(value: Value, toRemove: FieldSet, list: ListType): Value {
  const kept: Value[] = [];
  for (const item of itemsOf(value)) {
    const element = listElement(list, item);
    const below = typeof element === 'string' ? toRemove.children.get(element) : undefined;
    if (below?.isMember === true) continue;
    const hasBelow = below !== undefined && below.children.size > 0;
    kept.push(hasBelow ? removeFields(item, below, list.item) : item);
  }
  return kept.length > 0 ? kept : null;
}
