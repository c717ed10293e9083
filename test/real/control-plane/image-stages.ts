/**
 * How kwok's fake nodes play pods: kwok's usual course (ready at once, pods of a Job succeed, deleted pods go), and the
 * simulated image registry, which the simulated cluster (agent/src/io/kube-simulated) has too, so that an
 * application gives the same states on both:
 * - an image whose tag is `broken` does not exist: its pod stays Pending with ImagePullBackOff;
 * - an image whose tag is `crashing` exits at once: its pod is Running, never Ready, with CrashLoopBackOff;
 * - every other image runs.
 */
export function imageStages(): readonly object[] {
  return [
    stage('pod-image-missing', [...unstarted(), tagged('broken', 'In')], { statusTemplate: missingTemplate }),
    stage('pod-crashing', [...unstarted(), tagged('broken', 'NotIn'), tagged('crashing', 'In')], {
      statusTemplate: crashingTemplate,
    }),
    stage('pod-ready', [...unstarted(), tagged('broken', 'NotIn'), tagged('crashing', 'NotIn')], {
      statusTemplate: readyTemplate,
    }),
    stage('pod-complete', [...alive(), ...isReadyPodOfJob()], { statusTemplate: completeTemplate }),
    stage('pod-delete', [requirement('.metadata.deletionTimestamp', 'Exists')], { delete: true }),
  ];
}

type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values?: readonly string[];
}

function stage(name: string, matchExpressions: readonly Requirement[], next: object): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind: 'Pod' }, selector: { matchExpressions }, next },
  };
}

function requirement(key: string, operator: Operator, values?: readonly string[]): Requirement {
  return values === undefined ? { key, operator } : { key, operator, values };
}

function alive(): readonly Requirement[] {
  return [requirement('.metadata.deletionTimestamp', 'DoesNotExist')];
}

/** No container has been looked at yet: the stages that start a pod each match once. */
function unstarted(): readonly Requirement[] {
  return [
    ...alive(),
    requirement('.status.phase', 'In', ['Pending']),
    requirement('.status.containerStatuses', 'DoesNotExist'),
  ];
}

function tagged(tag: string, operator: 'In' | 'NotIn'): Requirement {
  return requirement(`[.spec.containers[].image | endswith(":${tag}")] | any`, operator, ['true']);
}

function isReadyPodOfJob(): readonly Requirement[] {
  return [
    requirement('.status.phase', 'In', ['Running']),
    requirement('.status.conditions.[] | select( .type == "Ready" ) | .status', 'In', ['True']),
    requirement('.metadata.ownerReferences.[].kind', 'In', ['Job']),
  ];
}

const addressesTemplate = `
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
startTime: {{ Now | Quote }}
`;

const initContainersTemplate = `
initContainerStatuses:
{{ range .spec.initContainers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  {{ if eq ( or .restartPolicy "" ) "Always" }}
  started: true
  state: { running: { startedAt: {{ Now | Quote }} } }
  {{ else }}
  state: { terminated: { exitCode: 0, finishedAt: {{ Now | Quote }}, reason: Completed, startedAt: {{ Now | Quote }} } }
  {{ end }}
{{ end }}
`;

const runningLines = `- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ Now | Quote }} } }`;

const readyTemplate = `
conditions:
${conditionLines('True')}
{{ range .spec.readinessGates }}
- lastTransitionTime: {{ Now | Quote }}
  status: "True"
  type: {{ .conditionType | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
${runningLines}
{{ end }}
${initContainersTemplate}
phase: Running
${addressesTemplate}
`;

const missingTemplate = waitingTemplate({
  phase: 'Pending',
  tag: 'broken',
  reason: 'ImagePullBackOff',
  message: '{{ printf "Back-off pulling image %q" .image | Quote }}',
  restartCount: 0,
});

const crashingTemplate = waitingTemplate({
  phase: 'Running',
  tag: 'crashing',
  reason: 'CrashLoopBackOff',
  message: '{{ printf "back-off 10s restarting failed container=%s" .name | Quote }}',
  restartCount: 1,
});

const completeTemplate = `
conditions:
- lastTransitionTime: {{ Now | Quote }}
  status: "True"
  type: Initialized
- lastTransitionTime: {{ Now | Quote }}
  status: "False"
  reason: PodCompleted
  type: Ready
- lastTransitionTime: {{ Now | Quote }}
  status: "False"
  reason: PodCompleted
  type: ContainersReady
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: 0
  state: { terminated: { exitCode: 0, finishedAt: {{ Now | Quote }}, reason: Completed, startedAt: {{ Now | Quote }} } }
{{ end }}
phase: Succeeded
`;

function waitingTemplate(wait: {
  readonly phase: string;
  readonly tag: string;
  readonly reason: string;
  readonly message: string;
  readonly restartCount: number;
}): string {
  return `
conditions:
${conditionLines('False')}
containerStatuses:
{{ range .spec.containers }}
{{ if hasSuffix ":${wait.tag}" .image }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: ${wait.restartCount}
  state: { waiting: { reason: ${wait.reason}, message: ${wait.message} } }
{{ else }}
${runningLines}
{{ end }}
{{ end }}
${initContainersTemplate}
phase: ${wait.phase}
${addressesTemplate}
`;
}

/** A started pod is Initialized; `ready` is the status of its two other conditions, with the kubelet's reason. */
function conditionLines(ready: 'True' | 'False'): string {
  const because = ready === 'True' ? '' : '\n  reason: ContainersNotReady';
  return `- lastTransitionTime: {{ Now | Quote }}
  status: "True"
  type: Initialized
- lastTransitionTime: {{ Now | Quote }}
  status: "${ready}"${because}
  type: Ready
- lastTransitionTime: {{ Now | Quote }}
  status: "${ready}"${because}
  type: ContainersReady`;
}
