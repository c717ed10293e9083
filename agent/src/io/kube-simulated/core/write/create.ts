import { unknownFields } from '../fields/index.ts';
import type { Kind } from '../kinds/index.ts';
import { storageKey } from '../kinds/index.ts';
import type { Managers } from '../managed/managed-fields.ts';
import { updateOwners } from '../managed/ownership.ts';
import { validateMetadata } from '../names.ts';
import { normalise } from '../normalise.ts';
import { alreadyExists, badRequest, forbidden, invalid, namespaceNotFound } from '../refusal.ts';
import type { ClusterState } from '../state.ts';
import { createFacts, getObject } from '../state.ts';
import type { ValueObject } from '../values.ts';
import { objectAt, textAt, withValue } from '../values.ts';
import type { WriteOptions, Written } from './options.ts';
import { managerId, namespaceOf } from './options.ts';
import { encodedOrNone, ignoredBy, shaped, withMetadata } from './parts.ts';

/** Namespaces themselves. */
const namespaces = { group: '', resource: 'namespaces' };

/** Makes a new object. `owners` says who owns its fields once it is complete. */
export function createObject(
  state: ClusterState,
  kind: Kind,
  given: ValueObject,
  options: WriteOptions,
): Written {
  checkKnownFields(kind, given);
  const manager = managerId(kind, options, 'Update');
  const owners = (defaulted: ValueObject) =>
    updateOwners({
      live: normalise({}, kind.type),
      next: defaulted,
      managers: new Map(),
      manager,
      type: kind.type,
      withoutIgnored: ignoredBy(kind, options.subresource),
      time: state.nowText(),
    });
  return create(state, kind, { given, owners, isApply: false }, options);
}

/** A new object, and who owns its fields once defaults have completed it (what the server adds after that has no owner). */
export interface Creation {
  readonly given: ValueObject;
  readonly isApply: boolean;
  readonly owners: (defaulted: ValueObject) => Managers;
}

/** Completes, checks and stores a new object. */
export function create(state: ClusterState, kind: Kind, creation: Creation, options: WriteOptions): Written {
  const named = withName(state, kind, inScope(kind, creation.given));
  const uid = state.newUid();
  const prepare = kind.prepareCreate ?? ((object: ValueObject) => object);
  const sent = shaped(kind, named);
  const { isApply } = creation;
  const hasOwnLabels = Object.keys(objectAt(named, 'metadata', 'labels')).length > 0;
  const complete = shaped(kind, prepare(sent, createFacts(state, { uid, isApply, hasOwnLabels })));
  const problems = [...validateMetadata(kind, complete), ...(kind.validate?.(complete, undefined) ?? [])];
  const name = textAt(complete, 'metadata', 'name');
  if (problems.length > 0) throw invalid(kind, name, problems);
  checkNamespace(state, kind, complete);
  if (getObject(state, kind, namespaceOf(kind, complete), name) !== undefined)
    throw alreadyExists(kind, name);
  const object = withMetadata(complete, {
    uid,
    creationTimestamp: state.nowText(),
    generation: kind.hasGeneration ? 1 : undefined,
    resourceVersion: undefined,
    managedFields: encodedOrNone(creation.owners(sent)),
  });
  const stored = options.isDryRun ? object : state.store.put(storageKey(kind), object);
  return { object: stored, isCreated: true, isChanged: true };
}

/** Strict field validation: every field must be known. Values of a wrong type are not looked for here. */
function checkKnownFields(kind: Kind, given: ValueObject): void {
  const unknown = unknownFields(given, kind.type);
  if (unknown.length === 0) return;
  const fields = unknown.map((field) => `unknown field "${field}"`).join(', ');
  throw badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${fields}`,
  );
}

function checkNamespace(state: ClusterState, kind: Kind, object: ValueObject): void {
  if (!kind.isNamespaced) return;
  const name = textAt(object, 'metadata', 'namespace');
  const namespace = getObject(state, namespaces, undefined, name);
  if (namespace === undefined) throw namespaceNotFound(name);
  if (textAt(namespace, 'status', 'phase') !== 'Terminating') return;
  const text = `unable to create new content in namespace ${name} because it is being terminated`;
  throw forbidden(kind, textAt(object, 'metadata', 'name'), text, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${name} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

/** A cluster-scoped object has no namespace, whatever was sent. */
function inScope(kind: Kind, given: ValueObject): ValueObject {
  return kind.isNamespaced ? given : withValue(given, ['metadata', 'namespace'], undefined);
}

function withName(state: ClusterState, kind: Kind, given: ValueObject): ValueObject {
  const prefix = textAt(given, 'metadata', 'generateName');
  if (textAt(given, 'metadata', 'name') !== '') return given;
  if (prefix === '')
    throw invalid(kind, '', [
      { type: 'Required', field: 'metadata.name', detail: 'name or generateName is required' },
    ]);
  return withValue(given, ['metadata', 'name'], `${prefix}${state.randomSuffix()}`);
}
