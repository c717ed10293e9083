import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import type { KubeObject } from '@flotilla/shared/model';
import { onTestFinished } from 'vitest';
import type { SimulatedCluster, SimulatedClusterOptions } from './simulated-cluster.ts';
import { startSimulatedCluster } from './simulated-cluster.ts';

/** Test only: how objects are applied. */
export const options = {
  fieldManager: 'flotilla',
  force: false,
  dryRun: false,
  fieldValidation: 'Strict',
} as const;
export const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };
/** Names what `settings` makes. */
export const ref = { ...configMaps, namespace: 'default', name: 'settings' };

export function settings(data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data };
}

export function web(image = 'registry.example/app:1.0'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
    },
  };
}

/** A cluster that lasts as long as the test. */
export function start(given: Partial<SimulatedClusterOptions> = {}): {
  cluster: SimulatedCluster;
  clock: ManualClock;
} {
  const clock = manualClock();
  const cluster = startSimulatedCluster({ clock, ...given });
  onTestFinished(() => cluster.close());
  return { cluster, clock };
}
