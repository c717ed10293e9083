import type { ListType, SchemaType } from '../schema/index.ts';
import { isNamedField, typeOfField, untyped } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isObject } from '../values.ts';
import { fieldElement, listElement } from './elements.ts';
import type { FieldSet } from './field-set.ts';
import { emptySet, fieldSet, memberSet } from './field-set.ts';
import { itemsOf, shapeOf } from './shape.ts';

/** The fields that a value states, as an apply owns them. */
export function fieldsOf(value: Value, type: SchemaType): FieldSet {
  switch (shapeOf(type, value)) {
    case 'leaf':
      return memberSet;
    case 'fields':
      return fieldsOfObject(value, type);
    case 'items':
      return type.kind === 'list' ? fieldsOfItems(value, type) : emptySet;
  }
}

/** Adds the named fields above each path of a set: what is needed to tell a field that was given from one that was not. */
export function withNamedFields(set: FieldSet, type: SchemaType): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const below = withNamedFields(child, typeOfElement(type, element));
    const isNamed = element.startsWith('f:') && isNamedField(type, element.slice(2));
    children.set(element, fieldSet(child.isMember || (isNamed && child.children.size > 0), below.children));
  }
  return fieldSet(set.isMember, children);
}

/** The type below one element of a path. */
export function typeOfElement(type: SchemaType, element: string): SchemaType {
  if (element.startsWith('f:')) return typeOfField(type, element.slice(2)) ?? untyped;
  return type.kind === 'list' ? type.item : untyped;
}

function fieldsOfObject(value: Value, type: SchemaType): FieldSet {
  if (!isObject(value)) return emptySet;
  const children = new Map<string, FieldSet>();
  for (const [key, item] of Object.entries(value)) {
    const below = fieldsOf(item, typeOfField(type, key) ?? untyped);
    const isEmpty = item === null || (isObject(item) && Object.keys(item).length === 0);
    const isMember = below.isMember || isEmpty || !isNamedField(type, key);
    const node = fieldSet(isMember, below.children);
    if (node !== emptySet) children.set(fieldElement(key), node);
  }
  return fieldSet(false, children);
}

function fieldsOfItems(value: Value, list: ListType): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const item of itemsOf(value)) {
    const element = listElement(list, item);
    if (typeof element !== 'string') continue;
    // An element that comes twice is owned as one whole: its parts cannot be told apart.
    const isRepeated = children.has(element);
    const below = isRepeated ? emptySet : fieldsOf(item, list.item);
    children.set(element, fieldSet(true, below.children));
  }
  return fieldSet(false, children);
}
