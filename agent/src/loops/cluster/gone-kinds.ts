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
 * Which of the kinds are gone for sure, and all their objects with them: discovery had an answer for their group that does
 * not name them, and no definition of them exists. Discovery alone is not enough: one of several API servers may lag
 * behind, and a definition none of whose versions is served keeps its objects. Where definitions may not be read nothing
 * is sure. Rejects with KubeError when they cannot be read now.
 */
export async function findGoneKinds(
  asked: readonly GroupKind[],
  { kube, kinds }: GoneKindsOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const unserved = asked.filter(
    (kind) => kinds.preferred(kind) === undefined && !kinds.isUnreadable(kind.group),
  );
  if (unserved.length === 0) return [];
  const defined = await definedAmong(new Set(unserved.map(({ group }) => group)), kube, signal);
  if (defined === undefined) return [];
  return unserved.map(groupKindKey).filter((key) => !defined.has(key));
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
