import type { Json, Result } from '@flotilla/shared/base';
import { err, ok, stableJson } from '@flotilla/shared/base';
import { isRecord } from '../health/fields.ts';
import { change, parsePointer, valueAt } from './json-pointer.ts';

/** Applies a merge patch (RFC 7386): null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: { [name: string]: unknown } = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/** Applies a JSON patch (RFC 6902), all operations or none; the error names the operation by number, from 1. */
export function jsonPatch(target: unknown, operations: unknown): Result<unknown, string> {
  if (!Array.isArray(operations)) return err('a JSON patch is a list of operations');
  let value = target;
  for (const [index, operation] of operations.entries()) {
    const next = isRecord(operation) ? applyOperation(value, operation) : err('is not an operation');
    if (!next.ok) return err(`operation ${index + 1} ${next.error}`);
    value = next.value;
  }
  return ok(value);
}

type Fields = { readonly [name: string]: unknown };

function applyOperation(root: unknown, operation: Fields): Result<unknown, string> {
  const { op, path } = operation;
  const steps = typeof path === 'string' ? parsePointer(path) : undefined;
  if (typeof op !== 'string' || steps === undefined) return err('needs op and path, a JSON pointer');
  const place = `(${op} ${String(path)})`;
  switch (op) {
    case 'add':
      return orMissing(put(root, steps, { kind: 'insert', value: operation['value'] }), place);
    case 'remove':
      return orMissing(change(root, steps, { kind: 'remove' }), place);
    case 'replace':
      if (valueAt(root, steps) === undefined) return err(`${place}: nothing is there`);
      return orMissing(put(root, steps, { kind: 'put', value: operation['value'] }), place);
    case 'test':
      return isSame(valueAt(root, steps), operation['value']) ? ok(root) : err(`${place}: the value differs`);
    case 'move':
    case 'copy':
      return transfer(root, steps, { operation, place });
    default:
      return err(`${place}: unknown op`);
  }
}

function put(
  root: unknown,
  steps: readonly string[],
  edit: { kind: 'insert' | 'put'; value: unknown },
): unknown {
  return edit.value === undefined ? undefined : change(root, steps, edit);
}

function transfer(
  root: unknown,
  steps: readonly string[],
  { operation, place }: { readonly operation: Fields; readonly place: string },
): Result<unknown, string> {
  const { from } = operation;
  const source = typeof from === 'string' ? parsePointer(from) : undefined;
  const value = source === undefined ? undefined : valueAt(root, source);
  if (source === undefined || value === undefined) return err(`${place}: nothing is at from`);
  const isMove = operation['op'] === 'move';
  if (isMove && steps.length > source.length && source.every((step, index) => step === steps[index]))
    return err(`${place}: cannot move into itself`);
  const without = isMove ? change(root, source, { kind: 'remove' }) : root;
  return orMissing(change(without, steps, { kind: 'insert', value }), place);
}

function orMissing(value: unknown, place: string): Result<unknown, string> {
  return value === undefined ? err(`${place}: the place does not exist`) : ok(value);
}

function isSame(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return left === right;
  // Both come from JSON or YAML that was checked to carry JSON values only.
  return stableJson(left as Json) === stableJson(right as Json);
}
