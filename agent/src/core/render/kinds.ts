import type { GroupKind, GroupVersionKind } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';

/** One kind that the cluster serves. */
export interface ServedKind extends GroupVersionKind {
  readonly isNamespaced: boolean;
  readonly hasStatus: boolean;
}

/** What the cluster serves, made for look-ups. */
export interface KindTable {
  /** The kind at exactly this version. */
  find(kind: GroupVersionKind): ServedKind | undefined;
  /** The kind at the version that the server prefers. */
  preferred(kind: GroupKind): ServedKind | undefined;
  /** The group could not be read: whether it serves a kind is not known. */
  isUnreadable(group: string): boolean;
  /** Every kind that is served. */
  readonly served: readonly ServedKind[];
  /** Groups that could not be read. */
  readonly unreadableGroups: readonly string[];
}

/** Makes the table of a discovery; the preferred version of a kind comes first in it. */
export function makeKindTable(discovery: {
  readonly resources: readonly ServedKind[];
  readonly failedGroups: readonly { readonly group: string }[];
}): KindTable {
  const exact = new Map<string, ServedKind>();
  const preferred = new Map<string, ServedKind>();
  for (const kind of discovery.resources) {
    exact.set(`${groupKindKey(kind)}@${kind.version}`, kind);
    const key = groupKindKey(kind);
    if (!preferred.has(key)) preferred.set(key, kind);
  }
  const failed = new Set(discovery.failedGroups.map((one) => one.group));
  return {
    find: (kind) => exact.get(`${groupKindKey(kind)}@${kind.version}`),
    preferred: (kind) => preferred.get(groupKindKey(kind)),
    isUnreadable: (group) => failed.has(group),
    served: discovery.resources,
    unreadableGroups: [...failed].sort(),
  };
}
