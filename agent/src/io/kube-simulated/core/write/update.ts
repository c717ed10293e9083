import type { Kind } from '../kinds/index.ts';
import { decodeManagers, type Managers } from '../managed/managed-fields.ts';
import { updateOwners } from '../managed/ownership.ts';
import { notFound } from '../refusal.ts';
import type { ClusterState } from '../state.ts';
import { asKind, getObject } from '../state.ts';
import type { Value, ValueObject } from '../values.ts';
import { isObject, textAt } from '../values.ts';
import type { WriteOptions, Written } from './options.ts';
import { managerId, namespaceOf } from './options.ts';
import { ignoredBy, shaped, withoutForeignParts } from './parts.ts';
import { checkVersion, replace } from './replace.ts';

/** JSON merge patch (RFC 7386). */
export function patchObject(
  state: ClusterState,
  kind: Kind,
  target: { readonly namespace: string | undefined; readonly name: string; readonly patch: ValueObject },
  options: WriteOptions,
): Written {
  const live = getObject(state, kind, target.namespace, target.name);
  if (live === undefined) throw notFound(kind, target.name);
  const next = mergePatch(live, target.patch);
  return updateObject(state, kind, isObject(next) ? next : {}, options);
}

/** Replaces an object that exists; a `resourceVersion` in it must be the live one. */
export function updateObject(
  state: ClusterState,
  kind: Kind,
  given: ValueObject,
  options: WriteOptions,
): Written {
  const name = textAt(given, 'metadata', 'name');
  const live = getObject(state, kind, namespaceOf(kind, given), name);
  if (live === undefined) throw notFound(kind, name);
  const next = shaped(kind, withoutForeignParts(kind, given, live, options.subresource));
  const before = managersOf(given, live, options);
  const owners = updateOwners({
    live: asKind(live, kind),
    next,
    managers: before,
    manager: managerId(kind, options, 'Update'),
    type: kind.type,
    withoutIgnored: ignoredBy(kind, options.subresource),
    time: state.nowText(),
  });
  // Who owns an object's fields is only followed from its creation or its first apply on.
  const managers = before.size === 0 ? before : owners;
  checkVersion(kind, given, live);
  return replace(state, kind, { live, next, managers }, options);
}

/** Who owns what may be written, too; a writer that does not know of it, and a subresource, leave it as it is. */
function managersOf(given: ValueObject, live: ValueObject, { subresource }: WriteOptions): Managers {
  const stated = subresource === '' ? decodeManagers(given) : new Map();
  return stated.size > 0 ? stated : decodeManagers(live);
}

function mergePatch(target: Value | undefined, patch: Value): Value {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Value> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  return merged;
}
