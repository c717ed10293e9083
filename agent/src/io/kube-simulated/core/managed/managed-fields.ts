import type { FieldSet } from '../fields/index.ts';
import { decodeFieldsV1, encodeFieldsV1, isEmptySet, setOfPaths } from '../fields/index.ts';
import type { Value, ValueObject } from '../values.ts';
import { isObject, objectsAt, textAt } from '../values.ts';

/** Who writes: the name that a client gives, how, at which version, and where. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** `status`, or '' for the whole object. */
  readonly subresource: string;
}

/** One manager's fields. */
export interface ManagerEntry extends ManagerId {
  /** RFC 3339 text of the last write that changed what it owns. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** All managers of one object by managerKey(). */
export type Managers = ReadonlyMap<string, ManagerEntry>;

/** Fields that nobody owns: the server or the object's identity decides them. */
export const unownedFields = setOfPaths([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation', 'managedFields'].map(
    (name) => ['f:metadata', `f:${name}`],
  ),
  ['f:metadata', 'f:resourceVersion'],
]);

/** Identity of a manager. An apply is the same manager whatever its version. */
export function managerKey(id: ManagerId): string {
  const version = id.operation === 'Apply' ? '' : id.apiVersion;
  return JSON.stringify([id.manager, id.operation, version, id.subresource]);
}

/** Reads `metadata.managedFields` of an object. */
export function decodeManagers(object: ValueObject): Managers {
  const managers = new Map<string, ManagerEntry>();
  for (const entry of objectsAt(object, 'metadata', 'managedFields')) {
    const decoded = decodeEntry(entry);
    managers.set(managerKey(decoded), decoded);
  }
  return managers;
}

/** Writes managers in the server's order: operation, then time, then name. */
export function encodeManagers(managers: Managers): readonly Value[] {
  return [...managers.values()]
    .filter((entry) => !isEmptySet(entry.fields))
    .sort(compareEntries)
    .map((entry) => ({
      manager: entry.manager,
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      ...(entry.time === undefined ? {} : { time: entry.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFieldsV1(entry.fields),
      ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
    }));
}

function decodeEntry(entry: ValueObject): ManagerEntry {
  const fields = entry['fieldsV1'];
  return {
    manager: textAt(entry, 'manager'),
    operation: textAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
    apiVersion: textAt(entry, 'apiVersion'),
    subresource: textAt(entry, 'subresource'),
    time: textAt(entry, 'time') || undefined,
    fields: decodeFieldsV1(isObject(fields) ? fields : undefined),
  };
}

function compareEntries(left: ManagerEntry, right: ManagerEntry): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time ?? '', right.time ?? '') ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
