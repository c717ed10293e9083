import type { PlacementName, Result } from '@flotilla/shared/base';
import { err, ok } from '@flotilla/shared/base';
import type { IgnoreRule, KubeObject, ObjectMeta } from '@flotilla/shared/model';
import { formatRef, groupVersionOf, objectKey, refOf } from '@flotilla/shared/model';
import { fieldAt, textAt } from '../health/fields.ts';
import { applySet, assignmentLabel, ownerAnnotation } from '../inventory/index.ts';
import { parsePointer, valueAt, withoutPointer } from './json-pointer.ts';
import { compileTarget } from './target.ts';

/** What is sent for an object. */
export interface Payload {
  readonly object: KubeObject;
  /** Pointers of fields that the manifest has and the payload leaves out; sorted. */
  readonly leftToOthers: readonly string[];
}

/** What shapes a payload. */
export interface PayloadOptions {
  readonly placement: PlacementName;
  readonly setId: string;
  /** Mark of this agent. */
  readonly owner: string;
  readonly ignore: readonly IgnoreRule[];
  /** A HorizontalPodAutoscaler decides the replicas. */
  readonly isAutoscaled: boolean;
}

/** Labels and marks an object as a member, drops what only the server may set, and leaves out what belongs to others. */
export function makePayload(object: KubeObject, options: PayloadOptions): Result<Payload, string> {
  const pointers = pointersFor(object, options);
  if (!pointers.ok) return pointers;
  let body: unknown = { ...object, metadata: withoutServerFields(object.metadata) };
  const leftToOthers: string[] = [];
  for (const pointer of pointers.value) {
    const steps = parsePointer(pointer);
    if (steps === undefined || steps.length === 0)
      return err(`the ignore rule ${JSON.stringify(pointer)} is not a JSON pointer below the root`);
    if (isIdentity(steps)) return err(`the ignore rule ${pointer} would take the object's identity away`);
    if (valueAt(body, steps) === undefined) continue;
    body = withoutPointer(body, steps);
    leftToOthers.push(pointer);
  }
  // Identity was not touched, so it still is what KubeObject promises.
  return ok({ object: labelled(body as KubeObject, options), leftToOthers: leftToOthers.sort() });
}

/** Workloads that an autoscaler of the set scales, by key: their replicas are not ours. */
export function autoscaledTargets(objects: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(objects.flatMap(scaleTarget));
}

/** The key of what a HorizontalPodAutoscaler scales; [] for other kinds. */
export function scaleTarget(object: KubeObject): readonly string[] {
  if (object.kind !== 'HorizontalPodAutoscaler' || groupVersionOf(object.apiVersion).group !== 'autoscaling')
    return [];
  const target = fieldAt(object, 'spec', 'scaleTargetRef');
  const kind = textAt(target, ['kind']);
  const name = textAt(target, ['name']);
  if (kind === '' || name === '') return [];
  const { group } = groupVersionOf(textAt(target, ['apiVersion'], 'apps/v1'));
  return [objectKey({ group, kind, namespace: object.metadata.namespace, name })];
}

function pointersFor(object: KubeObject, options: PayloadOptions): Result<readonly string[], string> {
  const pointers = new Set(options.isAutoscaled ? ['/spec/replicas'] : []);
  // The controller-manager fills the rules of an aggregated role; sending them would fight it for ever.
  if (object.kind === 'ClusterRole' && fieldAt(object, 'aggregationRule') !== undefined)
    pointers.add('/rules');
  for (const rule of options.ignore) {
    const target = compileTarget(rule.target);
    if (!target.ok) return err(`an ignore rule for ${formatRef(refOf(object))} is broken: ${target.error}`);
    if (target.value(object)) for (const pointer of rule.pointers) pointers.add(pointer);
  }
  return ok([...pointers]);
}

const identity = [
  '/apiVersion',
  '/kind',
  '/metadata',
  '/metadata/name',
  '/metadata/namespace',
  '/metadata/labels',
];

function isIdentity(steps: readonly string[]): boolean {
  return identity.includes(`/${steps.join('/')}`);
}

/** Fields of metadata that the server sets; in a manifest they come from `kubectl get -o yaml`. */
const serverFields = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

function withoutServerFields(metadata: ObjectMeta): ObjectMeta {
  const kept = Object.entries(metadata).filter(([name]) => !serverFields.includes(name));
  return { ...Object.fromEntries(kept), name: metadata.name };
}

function labelled(object: KubeObject, options: PayloadOptions): KubeObject {
  const { metadata } = object;
  const labels = {
    ...metadata.labels,
    [applySet.partOfLabel]: options.setId,
    [assignmentLabel]: options.placement,
  };
  const annotations = { ...metadata.annotations, [ownerAnnotation]: options.owner };
  return { ...object, metadata: { ...metadata, labels, annotations } };
}
