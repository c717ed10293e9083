import { sha256Hex, stableJson } from '@flotilla/shared/base';
import type { Value, ValueObject } from '../values.ts';
import { isEqual, objectAt, objectsAt, textAt, withValue } from '../values.ts';
import type { ControllerContext } from './context.ts';
import {
  createChild,
  isLeaving,
  kindNamed,
  nameOf,
  namespaceOf,
  ownedBy,
  ownerReference,
} from './context.ts';

const podKind = kindNamed('Pod');

/** Pods that a controller owns and that count: neither finished nor on their way out. */
export function activePods(context: ControllerContext, owner: ValueObject): readonly ValueObject[] {
  return ownedBy(context, podKind, owner).filter((pod) => !isLeaving(pod) && !isFinishedPod(pod));
}

/** True for pods that ended by themselves. */
export function isFinishedPod(pod: ValueObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** True when the pod's condition Ready is True. */
export function isReadyPod(pod: ValueObject): boolean {
  return objectsAt(pod, 'status', 'conditions').some(
    (condition) => condition['type'] === 'Ready' && condition['status'] === 'True',
  );
}

/** What a controller gives a pod beyond its template. */
export interface PodExtras {
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec?: ValueObject;
}

/** Makes a pod from the template of its owner. */
export function createPod(
  context: ControllerContext,
  owner: ValueObject,
  template: ValueObject,
  extras: PodExtras,
): ValueObject | undefined {
  const prefix = `${nameOf(owner)}-`;
  const metadata = objectAt(template, 'metadata');
  return createChild(context, podKind, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(extras.name === undefined ? { generateName: prefix } : { name: extras.name, generateName: prefix }),
      namespace: namespaceOf(owner) ?? '',
      labels: { ...objectAt(metadata, 'labels'), ...extras.labels },
      ...(metadata['annotations'] === undefined ? {} : { annotations: metadata['annotations'] }),
      ownerReferences: [ownerReference(owner)],
    },
    spec: { ...objectAt(template, 'spec'), ...extras.spec },
  });
}

/** A short name for a template: the same template gives the same name. */
export function templateHash(template: Value): string {
  const digest = sha256Hex(stableJson(template));
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 9 }, (_, index) => {
    const byte = Number.parseInt(digest.slice(index * 2, index * 2 + 2), 16);
    return alphabet.charAt(byte % alphabet.length);
  }).join('');
}

/** True when two templates differ at most in a label that a controller added. */
export function isSameTemplate(left: ValueObject, right: ValueObject, addedLabel: string): boolean {
  const bare = (template: ValueObject) => withValue(template, ['metadata', 'labels', addedLabel], undefined);
  return isEqual(bare(left), bare(right));
}
