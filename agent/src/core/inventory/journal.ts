import type { Json, Result } from '@flotilla/shared/base';
import { err, ok, parseDigest, parseGitId } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';
import { objectKey } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import type { SetScope } from './applyset.ts';
import type { AppliedContent, EntryPhase, Inventory, InventoryEntry } from './inventory.ts';

/** Format of the stored record; a newer one is refused, never rewritten. */
const format = 1;

/** The inventory as the state store keeps it. */
export function encodeInventory(inventory: Inventory): Json {
  return {
    format,
    parentScope: inventory.parentScope === undefined ? null : encodeScope(inventory.parentScope),
    parentVersion: inventory.parentVersion,
    applied:
      inventory.applied === undefined
        ? null
        : { commit: inventory.applied.commit, variantDigest: inventory.applied.variantDigest },
    entries: [...inventory.entries.values()].map(encodeEntry),
  };
}

/** Reads a stored inventory; the error says what is wrong with the record. */
export function parseInventory(value: Json): Result<Inventory, string> {
  if (!isRecord(value)) return err('inventory record is not an object');
  if (typeof value['format'] === 'number' && value['format'] > format)
    return err(
      `inventory record has format ${value['format']}; this agent knows ${format}: run a newer agent`,
    );
  if (value['format'] !== format || !Array.isArray(value['entries']))
    return err('inventory record has no format or no entries');
  const entries = new Map<string, InventoryEntry>();
  for (const item of value['entries']) {
    const entry = parseEntry(item);
    if (entry === undefined) return err('inventory record has a malformed entry');
    entries.set(objectKey(entry.ref), entry);
  }
  return ok({
    entries,
    parentScope: parseScope(value['parentScope']),
    parentVersion: textOf(value['parentVersion']),
    applied: parseApplied(value['applied']),
  });
}

function encodeScope(scope: SetScope): Json {
  return { groupKinds: scope.groupKinds, namespaces: scope.namespaces };
}

function encodeEntry(entry: InventoryEntry): Json {
  const { ref } = entry;
  return {
    group: ref.group,
    version: ref.version,
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    uid: entry.uid,
    renderedHash: entry.renderedHash,
    ownedFields: entry.ownedFields,
    phase: entry.phase,
    note: entry.note === '' ? undefined : entry.note,
    leftToOthers: entry.leftToOthers.length === 0 ? undefined : entry.leftToOthers,
    isFinished: entry.isFinished ? true : undefined,
  };
}

const phases: readonly EntryPhase[] = ['intended', 'applied', 'pruning'];

function parseEntry(value: unknown): InventoryEntry | undefined {
  if (!isRecord(value)) return undefined;
  const ref = parseRef(value);
  const phase = phases.find((one) => one === value['phase']);
  if (ref === undefined || phase === undefined) return undefined;
  return {
    ref,
    uid: textOf(value['uid']),
    renderedHash: textOf(value['renderedHash']),
    ownedFields: textOf(value['ownedFields']),
    phase,
    note: textOf(value['note']) ?? '',
    leftToOthers: textsOf(value['leftToOthers']),
    isFinished: value['isFinished'] === true,
  };
}

function parseRef(value: { readonly [name: string]: unknown }): ObjectRef | undefined {
  const group = textOf(value['group']);
  const version = textOf(value['version']);
  const kind = textOf(value['kind']);
  const name = textOf(value['name']);
  if (group === undefined || !version || !kind || !name) return undefined;
  return { group, version, kind, namespace: textOf(value['namespace']), name };
}

function parseScope(value: unknown): SetScope | undefined {
  if (!isRecord(value)) return undefined;
  return { groupKinds: textsOf(value['groupKinds']), namespaces: textsOf(value['namespaces']) };
}

function parseApplied(value: unknown): AppliedContent | undefined {
  if (!isRecord(value)) return undefined;
  const commit = parseGitId(textOf(value['commit']) ?? '');
  const digest = parseDigest(textOf(value['variantDigest']) ?? '');
  return commit.ok && digest.ok ? { commit: commit.value, variantDigest: digest.value } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
