import type { GroupKind, GroupVersionKind } from '@flotilla/shared/model';
import { groupKindKey } from '@flotilla/shared/model';
import { fieldAt, type KindTable } from '../../core/index.ts';
import { KubeError, type KubePort } from '../../kube-port.ts';

/** Where it is looked for kinds. */
export interface GoneKindsOptions {
  readonly kube: Pick<KubePort, 'get' | 'list'>;
  /** By a discovery that was asked just now. */
  readonly kinds: KindTable;
}

const definitions: GroupVersionKind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
};

/**
 * API groups that Kubernetes serves itself (its API reference, 1.36, and `kubectl api-versions` of older ones): their kinds
 * come and go with the version or the configuration of the API server, and their objects stay in its store.
 */
const ownGroups: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** What every API server serves: an answer without it is no answer. */
const alwaysServed: GroupKind = { group: '', kind: 'Namespace' };

/**
 * Which of the kinds are gone for sure, and all their objects with them. Only what a definition brings can go so: groups of
 * Kubernetes itself, which all have no dot or stand in a list, never do. Discovery had an answer, for their group too, that
 * does not name them, and no definition of them exists; discovery alone is not enough: one of several API servers may lag
 * behind, and a definition none of whose versions is served keeps its objects. An API of an aggregated server that was
 * taken out of the cluster looks the same; nobody can reach its objects then. Where definitions may not be read nothing is
 * sure. Rejects with KubeError when they cannot be read now.
 */
export async function findGoneKinds(
  asked: readonly GroupKind[],
  { kube, kinds }: GoneKindsOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const unserved = asked.filter(
    (kind) => canGo(kind.group) && kinds.preferred(kind) === undefined && !kinds.isUnreadable(kind.group),
  );
  if (unserved.length === 0 || kinds.preferred(alwaysServed) === undefined) return [];
  const defined = await definedAmong(new Set(unserved.map(({ group }) => group)), kube, signal);
  if (defined === undefined) return [];
  return unserved.map(groupKindKey).filter((key) => !defined.has(key));
}

/** Groups of definitions are DNS names with a dot (apiextensions validation). */
function canGo(group: string): boolean {
  return group.includes('.') && !ownGroups.has(group);
}

/** The kinds of these groups that a definition brings, served or not; undefined = nobody may tell. */
async function definedAmong(
  groups: ReadonlySet<string>,
  kube: GoneKindsOptions['kube'],
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const { items } = await kube.list({ kind: definitions, metadataOnly: true }, signal);
    const keys = new Set<string>();
    for (const { metadata } of items) {
      // A definition is named `<plural>.<group>` (apiextensions validation).
      if (!groups.has(metadata.name.slice(metadata.name.indexOf('.') + 1))) continue;
      const definition = await kube.get(
        { ...definitions, namespace: undefined, name: metadata.name },
        signal,
      );
      const [group, kind] = [
        fieldAt(definition, 'spec', 'group'),
        fieldAt(definition, 'spec', 'names', 'kind'),
      ];
      if (typeof group === 'string' && typeof kind === 'string') keys.add(groupKindKey({ group, kind }));
    }
    return keys;
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return undefined;
    throw error;
  }
}
