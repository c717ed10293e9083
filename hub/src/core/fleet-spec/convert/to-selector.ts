import type { LabelExpression } from '@flotilla/shared/model';
import type { SelectorSpec } from '../model.ts';
import type { RawSelector } from '../schema/index.ts';
import { judgeSelectorCel } from '../selector-cel.ts';
import type { YamlPath } from '../yaml.ts';
import type { Reading } from './reading.ts';

/** Turns a selector into the model; complains of one that says nothing or can never hold. */
export function toSelector(raw: RawSelector, path: YamlPath, reading: Reading): SelectorSpec {
  const problem = raw.cel === undefined ? undefined : judgeSelectorCel(raw.cel);
  if (problem !== undefined) reading.complain('BAD_VALUE', [...path, 'cel'], problem);
  const expressions = (raw.matchExpressions ?? []).map((one) => ({ ...one, values: one.values ?? [] }));
  const labels = raw.matchLabels ?? {};
  const names = raw.names ?? [];
  const exclude = raw.exclude ?? [];
  for (const [index, one] of expressions.entries()) {
    checkExpression(one, [...path, 'matchExpressions', index], reading);
  }
  checkLabels(labels, expressions, path, reading);
  const saysNothing =
    Object.keys(labels).length + expressions.length + names.length === 0 &&
    raw.group === undefined &&
    raw.cel === undefined;
  if (saysNothing) {
    const hint =
      'to take every cluster write matchExpressions: [{key: flotilla.dev/none, operator: DoesNotExist}]';
    reading.complain('CONTRADICTION', path, `selects by nothing; ${hint}`);
  }
  for (const [index, name] of names.entries()) {
    if (exclude.includes(name)) {
      reading.complain('CONTRADICTION', [...path, 'names', index], `is also in exclude`);
    }
  }
  return {
    at: reading.at(path),
    matchLabels: labels,
    matchExpressions: expressions,
    names,
    group: raw.group === undefined ? undefined : { name: raw.group, at: reading.at([...path, 'group']) },
    exclude,
    cel: raw.cel,
  };
}

function checkExpression(expression: LabelExpression, path: YamlPath, reading: Reading): void {
  const takesValues = expression.operator === 'In' || expression.operator === 'NotIn';
  if (takesValues && expression.values.length === 0) {
    reading.complain('CONTRADICTION', path, `needs values, because its operator is ${expression.operator}`);
  }
  if (!takesValues && expression.values.length > 0) {
    reading.complain(
      'CONTRADICTION',
      path,
      `must not have values, because its operator is ${expression.operator}`,
    );
  }
}

/** A label cannot have two values, nor be there and not be there. */
function checkLabels(
  labels: { readonly [key: string]: string },
  expressions: readonly LabelExpression[],
  path: YamlPath,
  reading: Reading,
): void {
  for (const [index, one] of expressions.entries()) {
    const wanted = labels[one.key];
    const impossible =
      (wanted !== undefined && !allows(one, wanted)) ||
      expressions.some((other, earlier) => earlier < index && excludeEachOther(one, other));
    if (impossible) {
      const where = [...path, 'matchExpressions', index];
      reading.complain('CONTRADICTION', where, `can never hold together with the rest of the selector`);
    }
  }
}

function allows(expression: LabelExpression, value: string): boolean {
  switch (expression.operator) {
    case 'In':
      return expression.values.includes(value);
    case 'NotIn':
      return !expression.values.includes(value);
    case 'Exists':
      return true;
    case 'DoesNotExist':
      return false;
  }
}

function excludeEachOther(left: LabelExpression, right: LabelExpression): boolean {
  if (left.key !== right.key) return false;
  if (left.operator === 'In') return left.values.every((value) => !allows(right, value));
  if (right.operator === 'In') return right.values.every((value) => !allows(left, value));
  const operators = [left.operator, right.operator];
  return operators.includes('Exists') && operators.includes('DoesNotExist');
}
