import { sha256Hex } from '@flotilla/shared/base';
import type { GroupKind, ObjectRef } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';

/**
 * ApplySet labels and annotations as kubectl shipped them (kubernetes/kubectl pkg/cmd/apply/applyset.go); KEP-3659's
 * text differs in places and is not followed there.
 */
export const applySet = {
  /** Label of a parent: its id. */
  idLabel: 'applyset.kubernetes.io/id',
  /** Label of a member: its parent's id. */
  partOfLabel: 'applyset.kubernetes.io/part-of',
  /** Annotation of a parent: `<tool>/<semver>`; only the part before the last slash is compared. */
  toolingAnnotation: 'applyset.kubernetes.io/tooling',
  /** Annotation of a parent: sorted, comma-separated, the parent's own namespace left out. */
  namespacesAnnotation: 'applyset.kubernetes.io/additional-namespaces',
  /** Annotation of a parent: sorted `Kind.group`, `Kind` for the core group; '' = no members. */
  groupKindsAnnotation: 'applyset.kubernetes.io/contains-group-kinds',
  /** Label of a CustomResourceDefinition whose objects may be parents. */
  parentTypeLabel: 'applyset.kubernetes.io/is-parent-type',
} as const;

/** Every label and annotation of this prefix belongs to a tool; manifests that carry one are refused. */
export const applySetPrefix = 'applyset.kubernetes.io/';

/** The tool part of the tooling annotation. */
export const toolName = 'flotilla';

/** Kinds and namespaces in which a set may have members: what its parent's annotations say. */
export interface SetScope {
  /** Sorted `Kind.group`. */
  readonly groupKinds: readonly string[];
  /** Sorted; cluster-scoped members add none. */
  readonly namespaces: readonly string[];
}

/** The id of the set under a parent: `applyset-` + base64url(sha256(`name.namespace.kind.group`)) + `-v1`. */
export function applySetId(parent: GroupKind & Pick<ObjectRef, 'name' | 'namespace'>): string {
  const name = `${parent.name}.${parent.namespace ?? ''}.${parent.kind}.${parent.group}`;
  return `applyset-${base64Url(hexToBytes(sha256Hex(name)))}-v1`;
}

/** Which program made a parent: the tooling annotation without its version. */
export function toolOf(tooling: string): string {
  const slash = tooling.lastIndexOf('/');
  return slash < 0 ? tooling : tooling.slice(0, slash);
}

/** Writes `contains-group-kinds` or `additional-namespaces`. */
export function formatList(items: Iterable<string>): string {
  return [...new Set(items)].sort().join(',');
}

/** Reads either annotation; '' and undefined give the empty list. */
export function parseList(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').filter((item) => item !== '');
}

/** Reads one entry of `contains-group-kinds`. */
export function parseGroupKind(text: string): GroupKind {
  const dot = text.indexOf('.');
  if (dot < 0) return { group: '', kind: text };
  return { group: text.slice(dot + 1), kind: text.slice(0, dot) };
}

/** The scope that a set of members needs. */
export function scopeOf(refs: Iterable<ObjectRef>): SetScope {
  const groupKinds = new Set<string>();
  const namespaces = new Set<string>();
  for (const ref of refs) {
    groupKinds.add(groupKindKey(ref));
    if (ref.namespace !== undefined) namespaces.add(ref.namespace);
  }
  return { groupKinds: [...groupKinds].sort(), namespaces: [...namespaces].sort() };
}

/** Everything that either scope names. */
export function unionScope(left: SetScope, right: SetScope): SetScope {
  return {
    groupKinds: [...new Set([...left.groupKinds, ...right.groupKinds])].sort(),
    namespaces: [...new Set([...left.namespaces, ...right.namespaces])].sort(),
  };
}

/** True when `outer` names everything that `inner` names. */
export function coversScope(outer: SetScope, inner: SetScope): boolean {
  return (
    inner.groupKinds.every((one) => outer.groupKinds.includes(one)) &&
    inner.namespaces.every((one) => outer.namespaces.includes(one))
  );
}

/** True when both name the same. */
export function equalScope(left: SetScope, right: SetScope): boolean {
  return coversScope(left, right) && coversScope(right, left);
}

/** A scope without members. */
export const emptyScope: SetScope = { groupKinds: [], namespaces: [] };

const base64UrlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function hexToBytes(hex: string): readonly number[] {
  return Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

/** RFC 4648, section 5, without padding. */
function base64Url(bytes: readonly number[]): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second, third] = bytes.slice(index, index + 3);
    const group = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    const characters = 2 + Number(second !== undefined) + Number(third !== undefined);
    for (let place = 0; place < characters; place += 1)
      text += base64UrlAlphabet[(group >>> (18 - 6 * place)) & 63] ?? '';
  }
  return text;
}
