import type { ListType, SchemaType } from '../schema/index.ts';
import { typeOfField, untyped } from '../schema/index.ts';
import type { Value } from '../values.ts';
import { isEmptyValue } from '../values.ts';
import { listElement } from './elements.ts';
import { fieldOf, itemsOf, keysOfBoth, shapeOf } from './shape.ts';

/** Lays an applied value over the live one: leaves are replaced, fields and keyed items are merged. */
export function mergeValues(
  live: Value | undefined,
  applied: Value | undefined,
  type: SchemaType,
): Value | undefined {
  const shape = shapeOf(type, live, applied);
  if (shape === 'leaf' || (isEmptyValue(live) && isEmptyValue(applied)))
    return applied ?? keepNull(live, applied);
  if (shape === 'fields') return mergeFields(live, applied, type);
  return type.kind === 'list' ? mergeItems(live, applied, type) : applied;
}

/** An applied null is a value; an absent one leaves the live value. */
function keepNull(live: Value | undefined, applied: Value | undefined): Value | undefined {
  return applied === undefined ? live : null;
}

function mergeFields(live: Value | undefined, applied: Value | undefined, type: SchemaType): Value {
  const merged: Record<string, Value> = {};
  for (const key of keysOfBoth(live, applied)) {
    const value = mergeValues(fieldOf(live, key), fieldOf(applied, key), typeOfField(type, key) ?? untyped);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

interface Item {
  readonly element: string;
  readonly value: Value;
}

/**
 * Merges keyed items. Items that only the live list has keep their place; where both lists share items, the applied
 * order wins (structured-merge-diff, visitListItems).
 */
function mergeItems(live: Value | undefined, applied: Value | undefined, list: ListType): Value {
  const left = namedItems(live, list);
  const right = namedItems(applied, list);
  const inLeft = new Map(left.map((item) => [item.element, item.value]));
  const inRight = new Map(right.map((item) => [item.element, item.value]));
  const shared = right.filter((item) => inLeft.has(item.element)).map((item) => item.element);
  const merged: Value[] = [];
  const done = new Set<string>();
  const takeRight = (item: Item) => {
    done.add(item.element);
    const value = mergeValues(inLeft.get(item.element), item.value, list.item);
    if (value !== undefined) merged.push(value);
    if (shared[0] === item.element) shared.shift();
  };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const mine = left[l];
    const theirs = right[r];
    if (mine !== undefined && !inRight.has(mine.element)) {
      merged.push(mine.value);
      l += 1;
    } else if (mine !== undefined && (done.has(mine.element) || isPassedOver(mine, theirs, shared[0]))) {
      l += 1;
    } else if (theirs !== undefined) {
      takeRight(theirs);
      r += 1;
      if (mine?.element === theirs.element) l += 1;
    } else {
      l += 1;
    }
  }
  return merged;
}

/** A shared live item that is not the next one in the applied order is skipped: it comes at its applied place. */
function isPassedOver(mine: Item, theirs: Item | undefined, nextShared: string | undefined): boolean {
  return theirs !== undefined && mine.element !== theirs.element && nextShared !== mine.element;
}

function namedItems(value: Value | undefined, list: ListType): readonly Item[] {
  return itemsOf(value).flatMap((item) => {
    const element = listElement(list, item);
    return typeof element === 'string' ? [{ element, value: item }] : [];
  });
}
