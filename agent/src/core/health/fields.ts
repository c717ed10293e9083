import type { KubeObject } from '@flotilla/shared/model';

/** Reads a member of any JSON value by path; undefined when a step is missing or not an object. Never throws. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const name of path) {
    if (!isRecord(here) || !Object.hasOwn(here, name)) return undefined;
    here = here[name];
  }
  return here;
}

/** A number at the path, else `absent` (kstatus' GetIntField). */
export function numberAt(value: unknown, path: readonly string[], absent: number): number {
  const found = fieldAt(value, ...path);
  return typeof found === 'number' ? found : absent;
}

/** A text at the path, else `absent` (kstatus' GetStringField). */
export function textAt(value: unknown, path: readonly string[], absent = ''): string {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' ? found : absent;
}

/** A list at the path, else the empty one. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** True for a JSON object: not null and not a list. */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One entry of `status.conditions`; what is missing or of another type reads as ''. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** `status.conditions` in list order; entries that are not objects are left out. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  return listAt(object, 'status', 'conditions').filter(isRecord).map(readCondition);
}

/** The first condition of a type. */
export function findCondition(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((one) => one.type === type);
}

function readCondition(entry: { readonly [name: string]: unknown }): Condition {
  return {
    type: textAt(entry, ['type']),
    status: textAt(entry, ['status']),
    reason: textAt(entry, ['reason']),
    message: textAt(entry, ['message']),
  };
}
