import type { FieldProblem } from '../refusal.ts';
import type { ValueObject } from '../values.ts';
import { isEqual, isObject, listAt, objectAt, textAt, withDefaults, withValue } from '../values.ts';
import type { KindRules } from './kind.ts';
import { mapObject, withLists } from './pod-defaults.ts';

/** Namespace. */
export const namespaceRules: KindRules = {
  naming: 'label',
  defaults: (object) =>
    withValue(
      object,
      ['metadata', 'labels', 'kubernetes.io/metadata.name'],
      textAt(object, 'metadata', 'name'),
    ),
  prepareCreate: (object) => ({
    ...object,
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
};

/** ConfigMap. */
export const configMapRules: KindRules = { validate: immutableData(['data', 'binaryData']) };

/** Secret; `stringData` is written into `data` and not kept. */
export const secretRules: KindRules = {
  defaults: (object) => withDefaults(foldStringData(object), { type: 'Opaque' }),
  validate: (next, old) => [...immutableData(['data'])(next, old), ...immutableType(next, old)],
};

/** PersistentVolumeClaim; it stays Pending: nothing provisions. */
export const claimRules: KindRules = {
  defaults: (object) => mapObject(object, 'spec', (spec) => withDefaults(spec, { volumeMode: 'Filesystem' })),
  prepareCreate: (object) => ({
    ...withValue(
      object,
      ['metadata', 'finalizers'],
      [
        ...listAt(object, 'metadata', 'finalizers').filter((one) => one !== 'kubernetes.io/pvc-protection'),
        'kubernetes.io/pvc-protection',
      ],
    ),
    status: { phase: 'Pending' },
  }),
};

/** LimitRange: a default limit is the default request too. */
export const limitRangeRules: KindRules = {
  defaults: (object) =>
    mapObject(object, 'spec', (spec) =>
      withLists(spec, {
        limits: (limit) =>
          isObject(limit['default']) ? withDefaults(limit, { defaultRequest: limit['default'] }) : limit,
      }),
    ),
};

/** ResourceQuota. Nothing is counted against it. */
export const quotaRules: KindRules = { prepareCreate: (object) => ({ ...object, status: {} }) };

function foldStringData(object: ValueObject): ValueObject {
  const { stringData, ...rest } = object;
  if (!isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, toBase64(String(text))]);
  return { ...rest, data: { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) } };
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function immutableData(fields: readonly string[]) {
  return (next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] => {
    if (old?.['immutable'] !== true) return [];
    const detail = 'field is immutable when `immutable` is set';
    const problems: FieldProblem[] =
      next['immutable'] === true ? [] : [{ type: 'Forbidden', field: 'immutable', detail }];
    const changed = fields.filter((field) => !isEqual(next[field], old[field]));
    return [...problems, ...changed.map((field) => ({ type: 'Forbidden' as const, field, detail }))];
  };
}

function immutableType(next: ValueObject, old: ValueObject | undefined): readonly FieldProblem[] {
  if (old === undefined || isEqual(next['type'], old['type'])) return [];
  return [{ type: 'Invalid', field: 'type', value: next['type'] ?? null, detail: 'field is immutable' }];
}
