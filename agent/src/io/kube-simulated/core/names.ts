import type { Kind } from './kinds/index.ts';
import type { FieldProblem } from './refusal.ts';
import type { ValueObject } from './values.ts';
import { objectAt, textAt } from './values.ts';

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const labelKeyText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Problems of an object's name and labels. */
export function validateMetadata(kind: Kind, object: ValueObject): readonly FieldProblem[] {
  return [...validateName(kind, textAt(object, 'metadata', 'name')), ...validateLabels(object)];
}

function validateName(kind: Kind, name: string): readonly FieldProblem[] {
  const field = 'metadata.name';
  const rule = rules[kind.naming ?? 'subdomain'];
  if (rule.pattern.test(name) && name.length <= rule.length) return [];
  const isTooLong = rule.pattern.test(name);
  const hasDots = rule.pattern === label && name.includes('.');
  if (isTooLong)
    return [
      { type: 'Invalid', field, value: name, detail: `must be no more than ${rule.length} characters` },
    ];
  const detail = hasDots ? 'must not contain dots' : rule.text;
  return [{ type: 'Invalid', field, value: name, detail }];
}

const rules = {
  subdomain: { pattern: subdomain, text: subdomainText, length: 253 },
  label: { pattern: label, text: labelText, length: 63 },
  path: { pattern: /^[^/%]+$/, text: "may not contain '/' or '%'", length: 253 },
};

function validateLabels(object: ValueObject): readonly FieldProblem[] {
  return Object.entries(objectAt(object, 'metadata', 'labels')).flatMap(([key, value]): FieldProblem[] => {
    const problems: FieldProblem[] = [];
    if (!labelKey.test(key))
      problems.push({ type: 'Invalid', field: 'metadata.labels', value: key, detail: labelKeyText });
    if (typeof value !== 'string' || !labelValue.test(value))
      problems.push({ type: 'Invalid', field: 'metadata.labels', value, detail: labelValueText });
    else if (value.length > 63)
      problems.push({
        type: 'Invalid',
        field: 'metadata.labels',
        value,
        detail: 'must be no more than 63 bytes',
      });
    return problems;
  });
}
