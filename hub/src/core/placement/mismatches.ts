import { assertNever } from '@flotilla/shared/base';
import type { Cluster, ClusterSelector, ExcludingTerm, LabelExpression } from '@flotilla/shared/model';
import { CelReader } from './cel-reader.ts';
import { celMismatch, unknownFacts } from './cel-terms.ts';
import { expressionHolds } from './label-terms.ts';

/**
 * Every term of a selector that says no to a cluster, in the selector's order; empty = it takes the cluster. An expression
 * over facts that are not fresh says no.
 */
export function mismatches(
  selector: ClusterSelector,
  cluster: Cluster,
  reader = new CelReader(),
): readonly ExcludingTerm[] {
  const subject = cluster.name;
  const no = (code: string, text: string, change?: string): ExcludingTerm => ({
    code,
    text,
    subject,
    change,
  });
  const labels = Object.entries(selector.matchLabels)
    .filter(([key, value]) => cluster.labels[key] !== value)
    .map(([key, value]) =>
      no(
        'LabelDiffers',
        `label ${key} is ${valueText(cluster, key)}, not ${quoted(value)}`,
        `set label ${key}=${value} on ${cluster.name}, or change matchLabels`,
      ),
    );
  const expressions = selector.matchExpressions
    .filter((one) => !expressionHolds(one, cluster))
    .map((one) =>
      no(
        'ExpressionFails',
        `label ${one.key} is ${valueText(cluster, one.key)}, but ${ruleText(one)}`,
        `${remedyText(one, cluster)}, or change matchExpressions`,
      ),
    );
  const names =
    selector.names.length === 0 || selector.names.includes(cluster.name)
      ? []
      : [
          no(
            'NameNotListed',
            `${cluster.name} is not among the names ${selector.names.join(', ')}`,
            `add ${cluster.name} to names`,
          ),
        ];
  const groups = selector.groups.flatMap((group) =>
    mismatches(group.selector, cluster, reader).map((one) => ({
      ...one,
      text: `group ${group.name}: ${one.text}`,
      change: one.change && `${one.change} of ClusterGroup ${group.name}`,
    })),
  );
  const excluded = selector.exclude.includes(cluster.name)
    ? [no('NameExcluded', `${cluster.name} is in exclude`, `take ${cluster.name} out of exclude`)]
    : [];
  const { cel } = selector;
  const isOpen = cel !== undefined && reader.readsFacts(cel);
  const unfresh = isOpen ? unknownFacts(cluster) : undefined;
  const said = cel === undefined || unfresh !== undefined ? [] : celMismatch(cel, cluster, reader);
  return [...labels, ...expressions, ...names, ...groups, ...excluded, ...(unfresh ? [unfresh] : said)];
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

/** What a person does to the cluster's labels so that an expression holds. */
function remedyText(expression: LabelExpression, cluster: Cluster): string {
  const { key, operator, values } = expression;
  switch (operator) {
    case 'In':
      return `set label ${key} to ${values.join(' or ')} on ${cluster.name}`;
    case 'NotIn':
      return `set label ${key} to something else than ${values.join(', ')} on ${cluster.name}, or take it off`;
    case 'Exists':
      return `set label ${key} on ${cluster.name}`;
    case 'DoesNotExist':
      return `take label ${key} off ${cluster.name}`;
    default:
      return assertNever(operator, 'operator');
  }
}

function valueText(cluster: Cluster, key: string): string {
  const value = cluster.labels[key];
  return value === undefined ? 'not set' : quoted(value);
}

function quoted(value: string): string {
  return JSON.stringify(value);
}
