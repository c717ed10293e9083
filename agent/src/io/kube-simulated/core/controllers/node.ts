import { storageKey } from '../kinds/index.ts';
import { imagesOf } from '../kinds/workload-validate.ts';
import type { Value, ValueObject } from '../values.ts';
import { objectAt, objectsAt, textAt, withValue } from '../values.ts';
import { updateObject } from '../write/index.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import { controllerOf, find, isLeaving, kindNamed, nodeManager } from './context.ts';
import { isReadyPod } from './pods.ts';

const podKind = kindNamed('Pod');

/** Names of the simulated nodes. Nodes are not served as objects. */
export const nodeNames: readonly string[] = ['node-000000', 'node-000001'];

/**
 * Plays one pod: schedules it, runs it, ends it. The simulated image registry has every image but those with the tag
 * `broken` (ImagePullBackOff), and those with the tag `crashing` exit at once (CrashLoopBackOff). The fake nodes of the
 * real control planes in tests have the same registry (test/real/control-plane/image-stages.ts).
 */
export const reconcilePod: Reconcile = (context, key) => {
  const pod = find(context, podKind, key);
  if (pod === undefined) return undefined;
  if (isLeaving(pod)) return end(context, pod);
  if (textAt(pod, 'spec', 'nodeName') === '') return schedule(context, pod);
  if (objectsAt(pod, 'status', 'containerStatuses').length === 0) return start(context, pod);
  return finish(context, pod);
};

function schedule(context: ControllerContext, pod: ValueObject): number {
  const number = [...textAt(pod, 'metadata', 'uid')].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const node = nodeNames[number % nodeNames.length] ?? '';
  const condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: context.nowText,
  };
  const bound = withValue(withValue(pod, ['spec', 'nodeName'], node), ['status', 'conditions'], [condition]);
  // The scheduler binds through a subresource of its own, which owns no fields.
  context.state.store.put(storageKey(podKind), bound);
  return context.timing.podStartMs;
}

function start(context: ControllerContext, pod: ValueObject): number | undefined {
  const images = imagesOf(objectAt(pod, 'spec'));
  const isBroken = images.some((image) => hasTag(image, 'broken'));
  const isCrashing = !isBroken && images.some((image) => hasTag(image, 'crashing'));
  const tag = isBroken ? 'broken' : 'crashing';
  const isReady = !isBroken && !isCrashing;
  writeStatus(context, pod, {
    ...objectAt(pod, 'status'),
    phase: isBroken ? 'Pending' : 'Running',
    conditions: [
      ...startedConditions(context.nowText, isReady),
      ...objectsAt(pod, 'status', 'conditions').filter((condition) => condition['type'] === 'PodScheduled'),
    ],
    containerStatuses: objectsAt(pod, 'spec', 'containers').map((container) =>
      isReady || !hasTag(textAt(container, 'image'), tag)
        ? runningContainer(container, context.nowText)
        : waitingContainer(container, tag),
    ),
    hostIP: '192.0.2.1',
    hostIPs: [{ ip: '192.0.2.1' }],
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    startTime: context.nowText,
  });
  return isReady && controllerOf(pod)?.['kind'] === 'Job' ? context.timing.jobPodMs : undefined;
}

/** The pod of a Job succeeds after it ran. */
function finish(context: ControllerContext, pod: ValueObject): undefined {
  const runs = textAt(pod, 'status', 'phase') === 'Running' && isReadyPod(pod);
  if (!runs || controllerOf(pod)?.['kind'] !== 'Job') return undefined;
  const done = {
    type: 'Ready',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: context.nowText,
    reason: 'PodCompleted',
  };
  writeStatus(context, pod, {
    ...objectAt(pod, 'status'),
    phase: 'Succeeded',
    conditions: [
      condition('Initialized', 'True', context.nowText),
      done,
      { ...done, type: 'ContainersReady' },
      ...objectsAt(pod, 'status', 'conditions').filter((one) => one['type'] === 'PodScheduled'),
    ],
    containerStatuses: objectsAt(pod, 'spec', 'containers').map((container) => ({
      ...containerStatus(container, 0),
      state: {
        terminated: {
          exitCode: 0,
          reason: 'Completed',
          startedAt: context.nowText,
          finishedAt: context.nowText,
        },
      },
    })),
  });
  return undefined;
}

function end(context: ControllerContext, pod: ValueObject): undefined {
  const { store } = context.state;
  const waits = objectAt(pod, 'metadata')['finalizers'] !== undefined;
  if (waits) store.put(storageKey(podKind), withValue(pod, ['metadata', 'deletionGracePeriodSeconds'], 0));
  else store.remove(storageKey(podKind), pod);
  return undefined;
}

function writeStatus(context: ControllerContext, pod: ValueObject, status: ValueObject): void {
  const options = { manager: nodeManager, subresource: 'status', isDryRun: false } as const;
  updateObject(context.state, podKind, { ...pod, status }, options);
}

function startedConditions(nowText: string, isReady: boolean): readonly ValueObject[] {
  const because: ValueObject = isReady ? {} : { reason: 'ContainersNotReady' };
  const ready = isReady ? 'True' : 'False';
  return [
    condition('Initialized', 'True', nowText),
    { ...condition('Ready', ready, nowText), ...because },
    { ...condition('ContainersReady', ready, nowText), ...because },
  ];
}

function condition(type: string, status: string, nowText: string): ValueObject {
  return { type, status, lastProbeTime: null, lastTransitionTime: nowText };
}

function runningContainer(container: ValueObject, nowText: string): Value {
  return {
    ...containerStatus(container, 0),
    ready: true,
    started: true,
    state: { running: { startedAt: nowText } },
  };
}

function waitingContainer(container: ValueObject, tag: string): Value {
  const name = textAt(container, 'name');
  const image = textAt(container, 'image');
  const waiting =
    tag === 'broken'
      ? { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` }
      : { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=${name}` };
  return { ...containerStatus(container, tag === 'broken' ? 0 : 1), state: { waiting } };
}

function containerStatus(container: ValueObject, restartCount: number): ValueObject {
  return {
    name: textAt(container, 'name'),
    image: textAt(container, 'image'),
    imageID: '',
    lastState: {},
    ready: false,
    started: false,
    restartCount,
  };
}

function hasTag(image: string, tag: string): boolean {
  return image.endsWith(`:${tag}`);
}
