import { imageStages } from './image-stages.ts';
import { nodeStages } from './node-stages.ts';

/** Ports of one control plane, all on loopback. */
export interface ControlPlanePorts {
  readonly apiServer: number;
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly kwok: number;
}

/** What a Kubernetes API server writes into its audit log. */
export interface AuditSettings {
  /** RequestResponse keeps bodies too. */
  readonly level: 'Metadata' | 'RequestResponse';
  /** Whether reads (get, list, watch) are logged as well: needed where requests are counted. */
  readonly reads: boolean;
}

/** The configuration file of kwokctl and kwok: JSON documents, which are YAML. */
export function kwokConfig(ports: ControlPlanePorts): string {
  const options = {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokctlConfiguration',
    options: {
      bindAddress: '127.0.0.1',
      kubeApiserverPort: ports.apiServer,
      etcdPort: ports.etcd,
      etcdPeerPort: ports.etcdPeer,
      kubeControllerManagerPort: ports.controllerManager,
      kubeSchedulerPort: ports.scheduler,
      kwokControllerPort: ports.kwok,
    },
  };
  return [options, ...nodeStages(), ...imageStages()]
    .map((document) => JSON.stringify(document))
    .join('\n---\n');
}

/** The audit policy: one event per answered request; the system's own chatter is left out. */
export function auditPolicy(settings: AuditSettings): string {
  const readRule = { level: 'None', verbs: ['get', 'list', 'watch'] };
  return JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted'],
    rules: [
      { level: 'None', users: ['system:apiserver'] },
      {
        level: 'None',
        resources: [
          { group: '', resources: ['events'] },
          { group: 'events.k8s.io', resources: ['events'] },
        ],
      },
      ...(settings.reads ? [] : [readRule]),
      { level: settings.level },
    ],
  });
}
