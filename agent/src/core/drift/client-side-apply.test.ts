import type { KubeObject, ManagedFieldsEntry } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { abandonedFields, lastAppliedAnnotation, withoutClientSide } from './client-side-apply.ts';

const annotationFields = { 'f:metadata': { 'f:annotations': { [`f:${lastAppliedAnnotation}`]: {} } } };
const kubectl: ManagedFieldsEntry = {
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsV1: {
    ...annotationFields,
    'f:spec': {
      'f:type': {},
      'f:sessionAffinity': {},
      'f:ports': {
        'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} },
        'k:{"port":81,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} },
      },
    },
  },
};
const ours = (fieldsV1: ManagedFieldsEntry['fieldsV1'] = {}): ManagedFieldsEntry => ({
  ...kubectl,
  manager: 'flotilla',
  operation: 'Apply',
  fieldsV1,
});
const stated = {
  metadata: { annotations: {}, name: 'web' },
  spec: { type: 'ClusterIP', ports: [{ port: 80 }, { port: 81, name: 'more' }] },
};

function service(managedFields: readonly ManagedFieldsEntry[], last: string = JSON.stringify(stated)) {
  const annotations = { [lastAppliedAnnotation]: last };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', annotations, managedFields } };
}

describe('moving what a client-side apply owns to our apply', () => {
  it('makes its fields ours, and leaves the fields of all others', () => {
    const status = { ...kubectl, manager: 'controller', subresource: 'status', fieldsV1: { 'f:status': {} } };
    const edit = { ...kubectl, manager: 'kubectl-edit', fieldsV1: { 'f:spec': { 'f:externalName': {} } } };
    expect(withoutClientSide(service([edit, kubectl, status]))).toEqual([
      ours(kubectl.fieldsV1),
      edit,
      status,
    ]);
  });

  it('puts several such writers together, except those of another version', () => {
    const before = {
      ...kubectl,
      manager: 'before-first-apply',
      fieldsV1: { ...annotationFields, 'f:a': {} },
    };
    const old = { ...before, manager: 'old-kubectl', apiVersion: 'v1beta1' };
    expect(withoutClientSide(service([kubectl, before, old]))).toEqual([
      ours({ ...kubectl.fieldsV1, 'f:a': {} }),
      old,
    ]);
  });

  it.each<[string, readonly ManagedFieldsEntry[]]>([
    ['nobody applied on the client', [{ ...kubectl, fieldsV1: { 'f:spec': {} } }]],
    ['the annotation was applied on the server', [{ ...kubectl, operation: 'Apply' }]],
    ['our apply is there already', [kubectl, ours()]],
  ])('moves nothing when %s', (_when, entries) => {
    expect(withoutClientSide(service(entries))).toBeUndefined();
  });
});

describe('what would go with the move', () => {
  const portPath = '.spec.ports[port=81,protocol="TCP"]';
  const applied = (fieldsV1: ManagedFieldsEntry['fieldsV1']): KubeObject =>
    service([kubectl, ours(fieldsV1)]);
  const port = { 'f:port': {} };

  it('is what the client stated and we do not; defaults come back', () => {
    const result = applied({ 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': port } } });
    expect(abandonedFields(service([kubectl]), result, [])).toEqual([
      `${portPath}.name`,
      `${portPath}.port`,
      '.spec.type',
    ]);
  });

  it('is not what another owner keeps, nor what is left to others', () => {
    const other = { ...kubectl, manager: 'someone', fieldsV1: { 'f:spec': { 'f:type': {} } } };
    const result = service([kubectl, ours(), other]);
    expect(abandonedFields(service([kubectl, other]), result, ['.spec.ports'])).toEqual([]);
  });

  it('is nothing that is known when the annotation cannot be read', () => {
    expect(abandonedFields(service([kubectl], '{'), applied({}), [])).toEqual([]);
  });
});
