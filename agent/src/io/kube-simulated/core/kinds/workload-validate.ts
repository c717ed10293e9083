import type { FieldProblem } from '../refusal.ts';
import type { Value, ValueObject } from '../values.ts';
import { isEqual, isObject, listAt, objectAt, objectsAt, textAt, valueAt } from '../values.ts';

const statefulSetMutable = [
  ...['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit'],
  ...['persistentVolumeClaimRetentionPolicy', 'minReadySeconds'],
];

/** A selector that fits the labels of the template. */
export function validateSelectorAndTemplate(object: ValueObject): readonly FieldProblem[] {
  const selector = valueAt(object, 'spec', 'selector');
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  const problems: FieldProblem[] = [];
  const isMissing = !isObject(selector);
  if (isMissing) problems.push({ type: 'Required', field: 'spec.selector', detail: '' });
  else if (Object.keys(selector).length === 0)
    problems.push({
      type: 'Invalid',
      field: 'spec.selector',
      value: selector,
      detail: 'empty selector is invalid for deployment',
    });
  if (
    isMissing ||
    Object.entries(objectAt(selector, 'matchLabels')).some(([key, value]) => labels[key] !== value)
  )
    problems.push({
      type: 'Invalid',
      field: 'spec.template.metadata.labels',
      value: Object.keys(labels).length === 0 ? null : labels,
      detail: '`selector` does not match template `labels`',
    });
  return [...problems, ...validateContainers(object, ['spec', 'template', 'spec'])];
}

/** The parts of a pod spec without which no pod can be made. Everything else of a pod spec is taken as it is. */
export function validateContainers(object: ValueObject, path: readonly string[]): readonly FieldProblem[] {
  const field = path.join('.');
  const containers = objectsAt(object, ...path, 'containers');
  if (containers.length === 0) return [{ type: 'Required', field: `${field}.containers`, detail: '' }];
  return containers.flatMap((container, index) => {
    const here = `${field}.containers[${index}]`;
    const problems: FieldProblem[] = [];
    if (textAt(container, 'name') === '')
      problems.push({ type: 'Required', field: `${here}.name`, detail: '' });
    if (textAt(container, 'image') === '')
      problems.push({ type: 'Required', field: `${here}.image`, detail: '' });
    return problems;
  });
}

/** Pods of a Job may not restart for ever. */
export function validateRestartPolicy(object: ValueObject, path: readonly string[]): readonly FieldProblem[] {
  const policy = textAt(object, ...path, 'restartPolicy');
  if (policy === 'OnFailure' || policy === 'Never') return [];
  return [
    {
      type: 'Required',
      field: `${path.join('.')}.restartPolicy`,
      detail: 'valid values: "OnFailure", "Never"',
    },
  ];
}

/** A selector that may not change. */
export function immutableSelector(next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] {
  return immutableFields(next, old, [['selector']]);
}

/** Fields below `spec` that may not change. */
export function immutableFields(
  next: ValueObject,
  old: ValueObject | undefined,
  paths: readonly (readonly string[])[],
): readonly FieldProblem[] {
  if (old === undefined) return [];
  return paths
    .filter((path) => !isEqual(valueAt(next, 'spec', ...path), valueAt(old, 'spec', ...path)))
    .map((path) => ({
      type: 'Invalid',
      field: `spec.${path.join('.')}`,
      value: valueOrNull(valueAt(next, 'spec', ...path)),
      detail: 'field is immutable',
    }));
}

/** Most of a StatefulSet may not change. */
export function immutableStatefulSet(
  next: ValueObject,
  old: ValueObject | undefined,
): readonly FieldProblem[] {
  if (old === undefined) return [];
  const fixed = (object: ValueObject): Value =>
    Object.fromEntries(
      Object.entries(objectAt(object, 'spec')).filter(([field]) => !statefulSetMutable.includes(field)),
    );
  if (isEqual(fixed(next), fixed(old))) return [];
  return [
    {
      type: 'Forbidden',
      field: 'spec',
      detail:
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    },
  ];
}

function valueOrNull(value: Value | undefined): Value {
  return value ?? null;
}

/** Container images of a pod spec, init containers apart. */
export function imagesOf(podSpec: ValueObject): readonly string[] {
  return listAt(podSpec, 'containers')
    .filter(isObject)
    .map((container) => textAt(container, 'image'));
}
