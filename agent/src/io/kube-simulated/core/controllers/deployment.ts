import type { ValueObject } from '../values.ts';
import { numberAt, objectAt, textAt, valueAt, withValue } from '../values.ts';
import type { ControllerContext, Reconcile } from './context.ts';
import {
  createChild,
  find,
  isLeaving,
  kindNamed,
  nameOf,
  namespaceOf,
  ownerReference,
  removeChild,
  update,
} from './context.ts';
import { hashLabel, revisionAnnotation, revisionOf, setsOf } from './deployment-sets.ts';
import { writeDeploymentStatus } from './deployment-status.ts';
import { templateHash } from './pods.ts';
import { planRollout } from './rollout-plan.ts';

const deploymentKind = kindNamed('Deployment');
const replicaSetKind = kindNamed('ReplicaSet');

const historyAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maximumAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Rolls a Deployment out through ReplicaSets, and keeps its status (pkg/controller/deployment). */
export const reconcileDeployment: Reconcile = (context, key) => {
  const deployment = find(context, deploymentKind, key);
  if (deployment === undefined || isLeaving(deployment)) return undefined;
  const current = ensureCurrentSet(context, deployment);
  if (current !== undefined) {
    roll(context, deployment, current);
    removeOldSets(context, deployment, current);
  }
  const live = find(context, deploymentKind, key);
  return live === undefined ? undefined : writeDeploymentStatus(context, live, setsOf(context, live));
};

function ensureCurrentSet(context: ControllerContext, deployment: ValueObject): ValueObject | undefined {
  const { current, old } = setsOf(context, deployment);
  const newest = Math.max(0, ...old.map(revisionOf));
  if (current !== undefined) return withRevision(context, current, newest);
  if (valueAt(deployment, 'spec', 'paused') === true) return undefined;
  const template = objectAt(deployment, 'spec', 'template');
  const hash = templateHash(template);
  const labels = { ...objectAt(template, 'metadata', 'labels'), [hashLabel]: hash };
  const selector = objectAt(deployment, 'spec', 'selector');
  return createChild(context, replicaSetKind, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment) ?? '',
      labels,
      annotations: annotationsFor(deployment, newest + 1),
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: planRollout(deployment, { current: undefined, old }).current,
      selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), [hashLabel]: hash } },
      template: withValue(template, ['metadata', 'labels'], labels),
    },
  });
}

/** A ReplicaSet whose template is wanted again becomes the newest revision. */
function withRevision(context: ControllerContext, set: ValueObject, newest: number): ValueObject {
  if (revisionOf(set) > newest) return set;
  const annotations = objectAt(set, 'metadata', 'annotations');
  const history = [textAt(annotations, historyAnnotation), String(revisionOf(set))].filter(
    (one) => one !== '',
  );
  return update(
    context,
    replicaSetKind,
    withValue(set, ['metadata', 'annotations'], {
      ...annotations,
      [revisionAnnotation]: String(newest + 1),
      [historyAnnotation]: history.join(','),
    }),
  );
}

function roll(context: ControllerContext, deployment: ValueObject, current: ValueObject): void {
  const { old } = setsOf(context, deployment);
  const plan = planRollout(deployment, { current, old });
  resize(context, deployment, current, plan.current);
  for (const set of old) resize(context, deployment, set, plan.old.get(nameOf(set)) ?? 0);
}

function resize(
  context: ControllerContext,
  deployment: ValueObject,
  set: ValueObject,
  replicas: number,
): void {
  if (numberAt(set, 'spec', 'replicas') === replicas) return;
  const live = find(context, replicaSetKind, { namespace: namespaceOf(set), name: nameOf(set) });
  if (live === undefined) return;
  const annotations = {
    ...objectAt(live, 'metadata', 'annotations'),
    ...annotationsFor(deployment, revisionOf(live)),
  };
  const annotated = withValue(live, ['metadata', 'annotations'], annotations);
  update(context, replicaSetKind, withValue(annotated, ['spec', 'replicas'], replicas));
}

function annotationsFor(deployment: ValueObject, revision: number): ValueObject {
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  return {
    [desiredAnnotation]: String(wanted),
    [maximumAnnotation]: String(wanted + surgeOf(deployment, wanted)),
    [revisionAnnotation]: String(revision),
  };
}

function surgeOf(deployment: ValueObject, wanted: number): number {
  return planRollout(deployment, { current: undefined, old: [] }).maximum - wanted;
}

/** Keeps as many unused ReplicaSets as the history may have. */
function removeOldSets(context: ControllerContext, deployment: ValueObject, current: ValueObject): void {
  const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
  const unused = setsOf(context, deployment)
    .old.filter((set) => nameOf(set) !== nameOf(current))
    .filter(
      (set) => numberAt(set, 'spec', 'replicas') === 0 && (numberAt(set, 'status', 'replicas') ?? 0) === 0,
    )
    .sort((left, right) => revisionOf(left) - revisionOf(right));
  for (const set of unused.slice(0, Math.max(0, unused.length - limit)))
    removeChild(context, replicaSetKind, set);
}
