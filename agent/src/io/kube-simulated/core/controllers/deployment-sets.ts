import type { ValueObject } from '../values.ts';
import { objectAt, textAt } from '../values.ts';
import type { ControllerContext } from './context.ts';
import { kindNamed, ownedBy } from './context.ts';
import { isSameTemplate } from './pods.ts';

const replicaSetKind = kindNamed('ReplicaSet');

/** Label that ties a ReplicaSet and its pods to one template. */
export const hashLabel = 'pod-template-hash';
/** The annotation that names a revision. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** All ReplicaSets of a Deployment, and which one has its template. */
export interface DeploymentSets {
  readonly current: ValueObject | undefined;
  readonly old: readonly ValueObject[];
}

/** The ReplicaSets of a Deployment as they are now. */
export function setsOf(context: ControllerContext, deployment: ValueObject): DeploymentSets {
  const all = ownedBy(context, replicaSetKind, deployment);
  const template = objectAt(deployment, 'spec', 'template');
  const current = all.find((set) => isSameTemplate(objectAt(set, 'spec', 'template'), template, hashLabel));
  return { current, old: all.filter((set) => set !== current) };
}

/** The revision that an object carries; 0 without one. */
export function revisionOf(object: ValueObject): number {
  return Number(textAt(object, 'metadata', 'annotations', revisionAnnotation) || '0');
}
