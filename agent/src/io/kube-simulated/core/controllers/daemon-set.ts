import type { ValueObject } from '../values.ts';
import { numberAt, objectAt, textAt, valueAt } from '../values.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { find, isLeaving, kindNamed, removeChild, setStatus } from './context.ts';
import { nodeNames } from './node.ts';
import { activePods, createPod, isReadyPod, templateHash } from './pods.ts';
import { share } from './rollout-plan.ts';

const daemonSetKind = kindNamed('DaemonSet');
const podKind = kindNamed('Pod');
const hashLabel = 'controller-revision-hash';
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** Keeps one pod of a DaemonSet on each node and replaces those of an older template (pkg/controller/daemon). */
export const reconcileDaemonSet: Reconcile = (context, key) => {
  const set = find(context, daemonSetKind, key);
  if (set === undefined || isLeaving(set)) return undefined;
  fill(context, set);
  replaceOutdated(context, set);
  const live = find(context, daemonSetKind, key);
  if (live !== undefined) setStatus(context, daemonSetKind, live, statusOf(context, live));
  return undefined;
};

function fill(context: ControllerContext, set: ValueObject): void {
  const pods = activePods(context, set);
  for (const node of nodeNames) {
    if (pods.some((pod) => nodeOf(pod) === node)) continue;
    createPod(context, set, objectAt(set, 'spec', 'template'), {
      labels: {
        [hashLabel]: hashOf(set),
        [generationLabel]: textAt(set, 'metadata', 'annotations', generationAnnotation),
      },
      spec: { affinity: affinityFor(node), tolerations: nodeTolerations },
    });
  }
}

function replaceOutdated(context: ControllerContext, set: ValueObject): void {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
  const pods = activePods(context, set);
  const unavailable = nodeNames.length - pods.filter(isReadyPod).length;
  const limit = valueAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable');
  const outdated = pods.filter((pod) => !isCurrent(set, pod));
  const broken = outdated.filter((pod) => !isReadyPod(pod));
  const room = Math.max(0, share(limit, nodeNames.length, Math.ceil) - unavailable);
  const working = outdated.filter(isReadyPod).slice(0, room);
  for (const pod of [...broken, ...working]) removeChild(context, podKind, pod);
}

function statusOf(context: ControllerContext, set: ValueObject): ValueObject {
  const pods = activePods(context, set);
  const ready = pods.filter(isReadyPod).length;
  return {
    currentNumberScheduled: pods.length,
    numberMisscheduled: 0,
    desiredNumberScheduled: nodeNames.length,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: nodeNames.length - ready,
    updatedNumberScheduled: pods.filter((pod) => isCurrent(set, pod)).length,
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
  };
}

function isCurrent(set: ValueObject, pod: ValueObject): boolean {
  return textAt(pod, 'metadata', 'labels', hashLabel) === hashOf(set);
}

function hashOf(set: ValueObject): string {
  return templateHash(valueAt(set, 'spec', 'template') ?? null);
}

/** The node that a pod was made for, from the affinity that ties it there. */
export function nodeOf(pod: ValueObject): string {
  const terms = valueAt(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  );
  const field = Array.isArray(terms) ? valueAt(terms[0], 'matchFields') : undefined;
  const values = Array.isArray(field) ? valueAt(field[0], 'values') : undefined;
  return Array.isArray(values) ? String(values[0]) : '';
}

function affinityFor(node: string): ValueObject {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}

const nodeTolerations = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
