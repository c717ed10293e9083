import { assertNever } from '@flotilla/shared/base';
import type { Cluster, ClusterSelector, LabelExpression, Reasoned } from '@flotilla/shared/model';

/** Whether a selector takes a cluster. Taints and cordons are not its business. */
export function matches(selector: ClusterSelector, cluster: Cluster): boolean {
  for (const key in selector.matchLabels) {
    if (cluster.labels[key] !== selector.matchLabels[key]) return false;
  }
  return (
    selector.matchExpressions.every((one) => holds(one, cluster)) &&
    (selector.names.length === 0 || selector.names.includes(cluster.name)) &&
    selector.groups.every((one) => matches(one.selector, cluster)) &&
    !selector.exclude.includes(cluster.name)
  );
}

/** Every term of a selector that says no to a cluster, in the selector's order; empty = it takes the cluster. */
export function mismatches(selector: ClusterSelector, cluster: Cluster): readonly Reasoned[] {
  const subject = cluster.name;
  const no = (code: string, text: string): Reasoned => ({ code, text, subject });
  const labels = Object.entries(selector.matchLabels)
    .filter(([key, value]) => cluster.labels[key] !== value)
    .map(([key, value]) =>
      no('LabelDiffers', `label ${key} is ${valueText(cluster, key)}, not ${quoted(value)}`),
    );
  const expressions = selector.matchExpressions
    .filter((one) => !holds(one, cluster))
    .map((one) =>
      no('ExpressionFails', `label ${one.key} is ${valueText(cluster, one.key)}, but ${ruleText(one)}`),
    );
  const names =
    selector.names.length === 0 || selector.names.includes(cluster.name)
      ? []
      : [no('NameNotListed', `${cluster.name} is not among the names ${selector.names.join(', ')}`)];
  const groups = selector.groups.flatMap((group) =>
    mismatches(group.selector, cluster).map((one) => ({ ...one, text: `group ${group.name}: ${one.text}` })),
  );
  const excluded = selector.exclude.includes(cluster.name)
    ? [no('NameExcluded', `${cluster.name} is in exclude`)]
    : [];
  return [...labels, ...expressions, ...names, ...groups, ...excluded];
}

function holds(expression: LabelExpression, cluster: Cluster): boolean {
  const value = cluster.labels[expression.key];
  switch (expression.operator) {
    case 'In':
      return value !== undefined && expression.values.includes(value);
    case 'NotIn':
      return value === undefined || !expression.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return assertNever(expression.operator, 'operator');
  }
}

function ruleText(expression: LabelExpression): string {
  switch (expression.operator) {
    case 'In':
      return `must be one of ${expression.values.join(', ')}`;
    case 'NotIn':
      return `must not be one of ${expression.values.join(', ')}`;
    case 'Exists':
      return 'must be set';
    case 'DoesNotExist':
      return 'must not be set';
    default:
      return assertNever(expression.operator, 'operator');
  }
}

function valueText(cluster: Cluster, key: string): string {
  const value = cluster.labels[key];
  return value === undefined ? 'not set' : quoted(value);
}

function quoted(value: string): string {
  return JSON.stringify(value);
}
