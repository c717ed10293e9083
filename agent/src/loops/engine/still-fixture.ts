import type { KubePort } from '../../ports.ts';
import { edit, ref } from './engine-world-fixture.ts';

/** Test only: what servers, webhooks and controllers write into differently than it stands in the file. */
export const stillFiles = {
  // Quantities in other words than the server's, numbers, empty members, what the server drops and what it defaults.
  'workloads.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, creationTimestamp: null, annotations: {}}
spec:
  replicas: 1
  strategy: {}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {creationTimestamp: null, labels: {app: web}}
    spec:
      volumes: [{name: tmp, emptyDir: {sizeLimit: 1024Mi}}]
      containers:
      - name: main
        image: "web:1"
        env: [{name: EMPTY, value: ""}]
        ports: [{containerPort: 8080}]
        resources: {limits: {cpu: 0.5, memory: 0.5Gi}, requests: {cpu: "0.50", memory: 1e8}}
status: {}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  replicas: 0
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers:
      - {name: db, image: "db:1", volumeMounts: [{name: data, mountPath: /data}], resources: {requests: {cpu: 0.25, memory: 1024Mi}}}
  volumeClaimTemplates:
  - metadata: {name: data, creationTimestamp: null}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}
    status: {}
`,
  'list.yaml': `apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- apiVersion: v1
  kind: Service
  metadata: {name: store}
  spec: {clusterIP: None, selector: {app: store}, ports: [{name: db, port: 5432}]}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings}
  data: {value: "1"}
- apiVersion: v1
  kind: Secret
  metadata: {name: keys}
  stringData: {password: "p@ss"}
- apiVersion: v1
  kind: ResourceQuota
  metadata: {name: quota}
  spec: {hard: {requests.storage: 20480Mi, count/configmaps: "100.0"}}
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {name: web}
  spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
`,
};

/** Test only: a role whose rules a controller fills from another one. Its author left the rules empty, as most do. */
export const aggregatedRoles = (name: string) => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {${name}: "true"}}]}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}-read, labels: {${name}: "true"}}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
`;

/** Test only: what people and controllers add to objects of a set without touching what it says. */
export async function addForeignFields(person: KubePort, namespace: string): Promise<void> {
  const at = (...[kind, name, group]: Parameters<typeof ref>) => ({ ...ref(kind, name, group), namespace });
  const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-11-01T00:00:00Z' };
  await edit(person, at('Deployment', 'web', 'apps'), {
    metadata: { annotations: { 'example.org/seen': 'yes' } },
    spec: { template: { metadata: { annotations: restarted } } },
  });
  await edit(person, at('ConfigMap', 'settings'), { data: { injected: 'by another' } });
  await edit(person, at('Service', 'store'), { metadata: { labels: { team: 'stores' } } });
}
