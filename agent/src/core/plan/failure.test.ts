import { describe, expect, it } from 'vitest';
import { classifyRefusal, type Refusal } from './failure.ts';

const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const job = { ...ref, group: 'batch', kind: 'Job' };
const cause = (reason: string, field = '', message = 'm') => ({ reason, field, message });

function classify(change: Partial<Refusal>, target = ref) {
  const refusal = {
    status: 500,
    code: '',
    reason: '',
    message: 'said no',
    causes: [],
    retryAfterMs: undefined,
  };
  return classifyRefusal({ ...refusal, ...change }, { verb: 'Apply', ref: target });
}

describe('classifyRefusal', () => {
  it.each([
    [0, 'ApiUnreachable'],
    [401, 'ApiUnauthorized'],
    [408, 'ApiUnavailable'],
    [429, 'ApiThrottled'],
    [500, 'ApiUnavailable'],
    [503, 'ApiUnavailable'],
  ])('takes status %i as passing: %s', (status, code) => {
    expect(classify({ status, retryAfterMs: 7 })).toMatchObject({
      severity: 'passing',
      retryAfterMs: 7,
      reason: { code, text: 'said no', subject: 'Deployment shop/web' },
    });
  });

  it('takes a missing right as final, and a namespace that goes away as passing', () => {
    expect(classify({ status: 403 })).toMatchObject({
      severity: 'final',
      reason: { code: 'ApplyForbidden' },
    });
    expect(classify({ status: 403, causes: [cause('NamespaceTerminating')] })).toMatchObject({
      severity: 'passing',
      reason: { code: 'NamespaceTerminating' },
    });
  });

  it('tells a missing namespace from a missing kind', () => {
    expect(classify({ status: 404 }).reason.code).toBe('NamespaceMissing');
    expect(classify({ status: 404, code: 'KUBE_KIND_UNKNOWN' }).reason.code).toBe('KindNotServed');
  });

  it('names the fields and the other manager of a conflict', () => {
    const failure = classify({
      status: 409,
      causes: [cause('FieldManagerConflict', '.spec.replicas', 'conflict with "kubectl"')],
    });
    expect(failure).toMatchObject({ severity: 'final', reason: { code: 'FieldConflict' } });
    expect(failure.reason.text).toContain('.spec.replicas: conflict with "kubectl"');
    expect(classify({ status: 409 }).severity).toBe('passing');
  });

  it('lists every field error of an invalid object, once', () => {
    const causes = [
      cause('FieldValueInvalid', 'spec.a', 'bad a'),
      cause('FieldValueInvalid', 'spec.b', 'bad b'),
    ];
    const failure = classify({ status: 422, message: 'invalid: bad a', causes });
    expect(failure).toMatchObject({
      severity: 'final',
      reason: { code: 'ApplyInvalid', text: 'invalid: bad a; spec.b: bad b' },
    });
  });

  it('calls only exactly the unchangeable fields of a Job immutable', () => {
    const template = cause('FieldValueInvalid', 'spec.template');
    expect(classify({ status: 422, causes: [template] }, job).severity).toBe('immutable');
    expect(classify({ status: 422, causes: [template] }).severity).toBe('final');
    expect(classify({ status: 422, causes: [] }, job).severity).toBe('final');
    const deeper = cause('FieldValueInvalid', 'spec.template.spec.containers[0].image');
    expect(classify({ status: 422, causes: [template, deeper] }, job).severity).toBe('final');
    expect(
      classify({ status: 422, causes: [cause('FieldValueRequired', 'spec.template')] }, job).severity,
    ).toBe('final');
  });

  it('clips long texts', () => {
    expect(classify({ message: 'x'.repeat(5_000) }).reason.text).toHaveLength(1_024);
  });
});
