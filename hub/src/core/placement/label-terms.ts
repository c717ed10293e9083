import { assertNever } from '@flotilla/shared/base';
import type { Cluster, ClusterSelector, LabelExpression } from '@flotilla/shared/model';

/** Labels, label expressions, names and exclude of a selector: all but its groups and its expression. */
export function labelsMatch(selector: ClusterSelector, cluster: Cluster): boolean {
  for (const key in selector.matchLabels) {
    if (cluster.labels[key] !== selector.matchLabels[key]) return false;
  }
  return (
    selector.matchExpressions.every((one) => expressionHolds(one, cluster)) &&
    (selector.names.length === 0 || selector.names.includes(cluster.name)) &&
    !selector.exclude.includes(cluster.name)
  );
}

/** One label expression, with the meaning that Kubernetes gives it. */
export function expressionHolds(expression: LabelExpression, cluster: Cluster): boolean {
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
