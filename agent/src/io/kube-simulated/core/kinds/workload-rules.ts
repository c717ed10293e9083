import type { ValueObject } from '../values.ts';
import { isEqual, isObject, objectAt, textAt, valueAt, withDefaults, withValue } from '../values.ts';
import type { CreateFacts, KindRules } from './kind.ts';
import { defaultTemplate, mapObject } from './pod-defaults.ts';
import {
  immutableFields,
  immutableSelector,
  immutableStatefulSet,
  validateContainers,
  validateRestartPolicy,
  validateSelectorAndTemplate,
} from './workload-validate.ts';

/** Deployment (pkg/apis/apps/v1/defaults.go, pkg/registry/apps/deployment). */
export const deploymentRules: KindRules = {
  defaults: (object) =>
    mapSpec(defaultTemplate(object), (spec) =>
      defaultRollingUpdate(
        withDefaults(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }),
        'strategy',
        { maxUnavailable: '25%', maxSurge: '25%' },
      ),
    ),
  prepareCreate: (object) => ({ ...object, status: {} }),
  validate: (next, old) => [...validateSelectorAndTemplate(next), ...immutableSelector(next, old)],
  countsAnnotations: true,
};

/** ReplicaSet. */
export const replicaSetRules: KindRules = {
  defaults: (object) => mapSpec(defaultTemplate(object), (spec) => withDefaults(spec, { replicas: 1 })),
  prepareCreate: (object) => ({ ...object, status: { replicas: 0 } }),
  validate: (next, old) => [...validateSelectorAndTemplate(next), ...immutableSelector(next, old)],
};

/** StatefulSet. */
export const statefulSetRules: KindRules = {
  defaults: (object) =>
    mapSpec(defaultTemplate(object), (spec) =>
      defaultRollingUpdate(
        withDefaults(spec, {
          replicas: 1,
          revisionHistoryLimit: 10,
          podManagementPolicy: 'OrderedReady',
          persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        }),
        'updateStrategy',
        { partition: 0 },
      ),
    ),
  prepareCreate: (object) => ({ ...object, status: { replicas: 0, availableReplicas: 0 } }),
  validate: (next, old) => [...validateSelectorAndTemplate(next), ...immutableStatefulSet(next, old)],
};

const templateGeneration = 'deprecated.daemonset.template.generation';

/** DaemonSet; the template's generation is kept in an annotation. */
export const daemonSetRules: KindRules = {
  defaults: (object) =>
    mapSpec(defaultTemplate(object), (spec) =>
      defaultRollingUpdate(withDefaults(spec, { revisionHistoryLimit: 10 }), 'updateStrategy', {
        maxUnavailable: 1,
        maxSurge: 0,
      }),
    ),
  prepareCreate: (object) =>
    withValue({ ...object, status: {} }, ['metadata', 'annotations', templateGeneration], '1'),
  prepareUpdate: (next, old) => {
    const before = Number(textAt(old, 'metadata', 'annotations', templateGeneration) || '0');
    const isSame = isEqual(valueAt(next, 'spec', 'template'), valueAt(old, 'spec', 'template'));
    return withValue(
      next,
      ['metadata', 'annotations', templateGeneration],
      String(isSame ? before : before + 1),
    );
  },
  validate: (next, old) => [...validateSelectorAndTemplate(next), ...immutableSelector(next, old)],
};

/** Job; its selector and labels name the job's uid. */
export const jobRules: KindRules = {
  defaults: (object) => withTemplateLabels(mapSpec(defaultTemplate(object), defaultJobSpec)),
  prepareCreate: prepareJob,
  validate: (next, old) => [
    ...validateContainers(next, ['spec', 'template', 'spec']),
    ...validateRestartPolicy(next, ['spec', 'template', 'spec']),
    ...immutableFields(next, old, [['selector'], ['template'], ['completionMode']]),
  ],
};

/** CronJob. */
export const cronJobRules: KindRules = {
  defaults: (object) =>
    mapSpec(defaultTemplate(object, ['spec', 'jobTemplate', 'spec', 'template']), (spec) =>
      withDefaults(spec, {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      }),
    ),
  prepareCreate: (object) => ({ ...object, status: {} }),
  validate: (next) => [
    ...validateContainers(next, ['spec', 'jobTemplate', 'spec', 'template', 'spec']),
    ...validateRestartPolicy(next, ['spec', 'jobTemplate', 'spec', 'template', 'spec']),
  ],
};

function defaultJobSpec(spec: ValueObject): ValueObject {
  const single = spec['completions'] === undefined && spec['parallelism'] === undefined;
  return withDefaults(spec, {
    ...(single ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    manualSelector: false,
  });
}

function prepareJob(object: ValueObject, facts: CreateFacts): ValueObject {
  const name = textAt(object, 'metadata', 'name');
  const labels = {
    'batch.kubernetes.io/controller-uid': facts.uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': facts.uid,
    'job-name': name,
  };
  const template = objectAt(object, 'spec', 'template');
  const templateLabels = { ...objectAt(template, 'metadata', 'labels'), ...labels };
  const labelled = withValue(
    { ...object, status: {} },
    ['spec', 'template'],
    withValue(template, ['metadata', 'labels'], templateLabels),
  );
  const selected = withValue(labelled, ['spec', 'selector'], {
    matchLabels: { 'batch.kubernetes.io/controller-uid': facts.uid },
  });
  // A Job without labels of its own has those of its template: after an apply the generated ones too, after a create not.
  return facts.isApply && !facts.hasOwnLabels
    ? withValue(selected, ['metadata', 'labels'], templateLabels)
    : selected;
}

function withTemplateLabels(object: ValueObject): ValueObject {
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  const own = objectAt(object, 'metadata', 'labels');
  if (Object.keys(own).length > 0 || Object.keys(labels).length === 0) return object;
  return withValue(object, ['metadata', 'labels'], labels);
}

function defaultRollingUpdate(spec: ValueObject, field: string, rolling: ValueObject): ValueObject {
  const strategy = withDefaults(objectAt(spec, field), { type: 'RollingUpdate' });
  if (strategy['type'] !== 'RollingUpdate') return { ...spec, [field]: strategy };
  const rollingUpdate = withDefaults(objectAt(strategy, 'rollingUpdate'), rolling);
  return { ...spec, [field]: { ...strategy, rollingUpdate } };
}

function mapSpec(object: ValueObject, change: (spec: ValueObject) => ValueObject): ValueObject {
  return isObject(object['spec']) ? mapObject(object, 'spec', change) : { ...object, spec: change({}) };
}
