import type { PlacementName } from '@flotilla/shared/base';
import type { RepositoryFiles } from '../../real/agent-engine/index.ts';

/** An object of the sets, by kind and name, with what it holds. */
export interface SetObject {
  readonly kind: 'ConfigMap' | 'Secret' | 'ServiceAccount' | 'Service' | 'Deployment';
  readonly name: string;
  /** Stands in the annotation `example.org/value`. */
  readonly value: string;
}

const first: readonly SetObject[] = [
  { kind: 'ConfigMap', name: 'kept', value: '1' },
  { kind: 'ConfigMap', name: 'changed', value: '1' },
  { kind: 'ConfigMap', name: 'gone-a', value: '1' },
  { kind: 'ConfigMap', name: 'gone-b', value: '1' },
  { kind: 'Secret', name: 'kept', value: '1' },
  { kind: 'Secret', name: 'gone', value: '1' },
  { kind: 'ServiceAccount', name: 'kept', value: '1' },
  { kind: 'ServiceAccount', name: 'changed', value: '1' },
  { kind: 'Service', name: 'changed', value: '1' },
  { kind: 'Service', name: 'gone', value: '1' },
  { kind: 'Deployment', name: 'changed', value: '1' },
  { kind: 'Deployment', name: 'kept', value: '1' },
];

/** What an agent holds before it is killed: 12 objects. */
export const setBefore = first;

/** What it is told to hold then: 4 of them gone, 4 changed, 4 new. */
export const setAfter: readonly SetObject[] = [
  ...first
    .filter((one) => !one.name.startsWith('gone'))
    .map((one) => (one.name === 'changed' ? { ...one, value: '2' } : one)),
  { kind: 'ConfigMap', name: 'new', value: '1' },
  { kind: 'Secret', name: 'new', value: '1' },
  { kind: 'ServiceAccount', name: 'new', value: '1' },
  { kind: 'Deployment', name: 'new', value: '1' },
];

/** `Kind name`. */
export function keyOf({ kind, name }: Pick<SetObject, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** A set as files of a repository; JSON is YAML. */
export function filesOf(set: readonly SetObject[]): RepositoryFiles {
  return Object.fromEntries(
    set.map((one) => [`${one.kind}-${one.name}.yaml`.toLowerCase(), JSON.stringify(manifestOf(one))]),
  );
}

function manifestOf({ kind, name, value }: SetObject): object {
  const metadata = { name, annotations: { 'example.org/value': value } };
  const labels = { app: name };
  switch (kind) {
    case 'ConfigMap':
      return { apiVersion: 'v1', kind, metadata, data: { value } };
    case 'Secret':
      return { apiVersion: 'v1', kind, metadata, stringData: { value } };
    case 'ServiceAccount':
      return { apiVersion: 'v1', kind, metadata };
    case 'Service':
      return { apiVersion: 'v1', kind, metadata, spec: { selector: labels, ports: [{ port: 80 }] } };
    case 'Deployment': {
      const containers = [{ name: 'main', image: `registry.example.org/app:${value}` }];
      const template = { metadata: { labels }, spec: { containers } };
      return { apiVersion: 'apps/v1', kind, metadata, spec: { selector: { matchLabels: labels }, template } };
    }
  }
}

/** Each death has a placement and a namespace of its own, of one name. */
export function placementOf(goal: string, index: number): PlacementName {
  return `${goal}-${String(index).padStart(4, '0')}` as PlacementName;
}
