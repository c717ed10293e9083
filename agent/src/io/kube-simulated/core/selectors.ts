import { badRequest } from './refusal.ts';
import type { Value, ValueObject } from './values.ts';
import { isObject, listAt, objectAt, objectsAt, textAt } from './values.ts';

/** Decides whether an object is in a selection. */
export type Matches = (object: ValueObject) => boolean;

type Labels = Readonly<Record<string, Value>>;

const requirement =
  /^\s*(?:(!)\s*([^\s!=(),]+)|([^\s!=(),]+)(?:\s*(==|=|!=)\s*([^\s!=(),]*)|\s+(in|notin)\s*\(([^()]*)\))?)\s*(?:,|$)/;

/** Parses a label selector: `a`, `!a`, `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, joined by commas. */
export function parseLabelSelector(text: string | undefined): Matches {
  const tests: ((labels: Labels) => boolean)[] = [];
  let rest = text ?? '';
  while (rest.trim() !== '') {
    const found = requirement.exec(rest);
    if (found === null) throw badRequest(describeMistake(rest.trim()));
    tests.push(labelTest(found));
    rest = rest.slice(found[0].length);
  }
  return (object) => {
    const labels = objectAt(object, 'metadata', 'labels');
    return tests.every((test) => test(labels));
  };
}

/** The two mistakes that people make, in the server's words; other ones in ours. */
function describeMistake(text: string): string {
  const [, operator] = /^(==|=|!=)/.exec(text) ?? [];
  if (operator !== undefined) return `found '${operator}', expected: !, identifier, or 'end of string'`;
  const [, unexpected] = /^[^=!]+(?:==|=|!=)\s*([(),])/.exec(text) ?? [];
  return `unable to parse requirement: ${unexpected === undefined ? text : `found '${unexpected}', expected: identifier`}`;
}

/** Parses a field selector over `metadata.name`, `metadata.namespace` and a pod's `spec.nodeName` and `status.phase`. */
export function parseFieldSelector(text: string | undefined): Matches {
  const tests = (text ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part): Matches => {
      const [, path = '', operator = '', value = ''] =
        /^\s*([^=!\s]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part) ?? [];
      if (!knownFields.has(path))
        throw badRequest(
          `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
        );
      return (object) => (textAt(object, ...path.split('.')) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

const knownFields = new Set(['metadata.name', 'metadata.namespace', 'spec.nodeName', 'status.phase']);

/** True when labels fit a `metav1.LabelSelector`; an empty one fits everything. */
export function matchesSelector(selector: ValueObject, labels: Labels): boolean {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  );
  return (
    equal &&
    objectsAt(selector, 'matchExpressions').every((expression) => matchesExpression(expression, labels))
  );
}

function matchesExpression(expression: ValueObject, labels: Labels): boolean {
  const value = labels[textAt(expression, 'key')];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

function labelTest(found: RegExpExecArray): (labels: Labels) => boolean {
  const [, not, absentKey = '', key = '', operator, value = '', setOperator, setText = ''] = found;
  if (not !== undefined) return (labels) => labels[absentKey] === undefined;
  if (setOperator !== undefined) {
    const values: readonly Value[] = setText.split(',').map((one) => one.trim());
    const isIn = (labels: Labels) => labels[key] !== undefined && values.includes(labels[key] ?? null);
    return setOperator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  if (operator === undefined) return (labels) => labels[key] !== undefined;
  return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
}

/** The labels of an object. */
export function labelsOf(object: ValueObject): Labels {
  const labels = objectAt(object, 'metadata', 'labels');
  return isObject(labels) ? labels : {};
}
