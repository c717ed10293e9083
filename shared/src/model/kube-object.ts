import type { Json } from '../base/index.ts';

/** An API kind without its version: what inventories and rules speak of. `group` is '' for the core group. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** An API kind. `group` is '' for the core group. */
export interface GroupVersionKind extends GroupKind {
  readonly version: string;
}

/** Names one object on one cluster. `namespace` is undefined for cluster-scoped objects. */
export interface ObjectRef extends GroupVersionKind {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** One owner entry of `metadata.managedFields`, as the API server writes it. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: { readonly [key: string]: Json };
}

/** Object metadata as Kubernetes defines it; what is absent is absent. */
export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** Any Kubernetes object as JSON. Unknown fields are kept: nothing between Git and the API server drops one. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** `group/version` of an apiVersion; the core group has an empty group. */
export function groupVersionOf(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The apiVersion text of a group and version. */
export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** The reference that names an object. */
export function refOf(object: KubeObject): ObjectRef {
  const { group, version } = groupVersionOf(object.apiVersion);
  return {
    group,
    version,
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
  };
}

/** Identity of an object whatever its version: `Kind.group/namespace/name`; empty segments stay. For maps and sorting. */
export function objectKey(
  ref: GroupKind & { readonly namespace: string | undefined; readonly name: string },
): string {
  return `${groupKindKey(ref)}/${ref.namespace ?? ''}/${ref.name}`;
}

/** `Kind.group`, and `Kind` alone for the core group, as ApplySet annotations write it. */
export function groupKindKey(kind: GroupKind): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** What people read: `Deployment shop/cart`. */
export function formatRef(ref: {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}): string {
  return ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}
