import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import { type FleetSpec, formatLocated, parseControlFile, specOf } from '../fleet-spec/index.ts';

/** A registered cluster; `change` wins. */
export function cluster(
  name: string,
  labels: Cluster['labels'] = {},
  change: Partial<Cluster> = {},
): Cluster {
  return {
    uid: `uid-${name}` as ClusterUid,
    name: name as ClusterName,
    labels,
    taints: [],
    isCordoned: false,
    registeredAtMs: 0,
    ...change,
  };
}

/** The spec that documents give; each begins at its kind, the apiVersion is added. Throws on a mistake. */
export function specFrom(...documents: readonly string[]): FleetSpec {
  const text = documents.map((one) => `apiVersion: flotilla.dev/v1alpha1\n${one}`).join('\n---\n');
  const parsed = parseControlFile({ path: 'fleet.yaml', text }, false);
  if (parsed.errors.length > 0) throw new Error(parsed.errors.map(formatLocated).join('\n'));
  return specOf([parsed]);
}

/** A placement with these lines below spec. */
export function placementDocument(name: string, clusters: string, more = ''): string {
  return `kind: Placement\nmetadata: {name: ${name}}\nspec:\n  source: {path: apps/${name}}\n  clusters: ${clusters}\n${more}`;
}
