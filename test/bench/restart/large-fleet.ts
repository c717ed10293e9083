import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';

/** Files of a control repository with so many placements, each of which goes to every cluster of `largeFleet`. */
export function largeControlRepository(placements: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    'fleet.yaml': policy,
  };
  for (let index = 0; index < placements; index += 1) {
    const name = placementNameAt(index);
    files[`placements/${name}.yaml`] = placementText(name);
    files[contentPath(index)] = contentText(name, 0);
  }
  return files;
}

/** Name of a placement by its number. */
export function placementNameAt(index: number): string {
  return `app-${String(index).padStart(4, '0')}`;
}

/** The one file that a placement brings to clusters. */
export function contentPath(index: number): string {
  return `apps/${placementNameAt(index)}/settings.yaml`;
}

/** What it says in its so-manieth revision. */
export function contentText(name: string, revision: number): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {revision: "${revision}"}\n`;
}

/** Clusters in four regions. */
export function largeFleet(count: number): readonly Cluster[] {
  return Array.from({ length: count }, (_, index) => {
    const region = regions[index % regions.length] ?? 'eu';
    return {
      uid: uidAt(index),
      // Letters, digits and a hyphen: a DNS-1123 label.
      name: `${region}-${String(index).padStart(4, '0')}` as ClusterName,
      labels: { env: 'prod', region },
      taints: [],
      isCordoned: false,
      registeredAtMs: 1_700_000_000_000,
    };
  });
}

const regions = ['eu', 'us', 'ap', 'sa'];
const letters = 'abcdefghijklmnopqrstuvwxyz';

/** 26 characters of the alphabet that uids are made of. */
function uidAt(index: number): ClusterUid {
  let rest = index;
  let text = '';
  for (let place = 0; place < 4; place += 1) {
    text += letters[rest % letters.length];
    rest = Math.floor(rest / letters.length);
  }
  return text.padEnd(26, 'a') as ClusterUid;
}

/** Everything may change at once: the history of a measurement is to be made quickly. */
const policy = `apiVersion: flotilla.dev/v1alpha1
kind: FleetPolicy
metadata: {name: policy}
spec: {maxChanging: 100%, maxChangingPerCluster: 10000, defaultStrategy: all-at-once}
`;

/** Two variants: one region has an override. */
function placementText(name: string): string {
  return `apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: ${name}}
spec:
  source: {path: apps/${name}}
  namespace: ${name}
  clusters: {matchLabels: {env: prod}}
  overrides:
  - clusters: {matchLabels: {region: eu}}
    patches: [{target: {kind: ConfigMap}, patch: {data: {region: eu}}}]
`;
}
