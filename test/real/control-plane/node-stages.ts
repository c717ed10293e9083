/**
 * How kwok's fake nodes come up: Ready at once with room for everything. kwok drops its own node rules as soon as a
 * configuration names any stage, and ours names those of the pods (image-stages.ts). Heartbeats need no stage: kwok
 * renews the node leases by itself.
 */
export function nodeStages(): readonly object[] {
  return [
    {
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind: 'Stage',
      metadata: { name: 'node-ready' },
      spec: {
        resourceRef: { apiGroup: 'v1', kind: 'Node' },
        selector: {
          matchExpressions: [
            {
              key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
              operator: 'NotIn',
              values: ['True'],
            },
          ],
        },
        next: { statusTemplate: readyNodeTemplate },
      },
    },
  ];
}

const readyNodeTemplate = `
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
addresses:
- address: {{ NodeIP | Quote }}
  type: InternalIP
- address: {{ NodeName | Quote }}
  type: Hostname
daemonEndpoints: { kubeletEndpoint: { Port: {{ NodePort }} } }
allocatable: { cpu: 1k, memory: 1Ti, pods: 1M }
capacity: { cpu: 1k, memory: 1Ti, pods: 1M }
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: kwok
  kernelVersion: kwok
  kubeProxyVersion: kwok
  kubeletVersion: {{ printf "kwok-%s" Version }}
  machineID: ""
  operatingSystem: linux
  osImage: ""
  systemUUID: ""
phase: Running
`;
