import { err } from '@flotilla/shared/base';
import { parseCel } from '@flotilla/shared/base/cel';
import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { makeKindTable } from '../render/index.ts';
import { judgeCelCheck, judgeKstatusCheck, locateObject } from './object-check.ts';

const kinds = makeKindTable({
  resources: [
    { group: '', version: 'v1', kind: 'ConfigMap', isNamespaced: true, hasStatus: false },
    { group: '', version: 'v1', kind: 'Namespace', isNamespaced: false, hasStatus: true },
    { group: 'batch', version: 'v1', kind: 'Job', isNamespaced: true, hasStatus: true },
  ],
  failedGroups: [{ group: 'metrics.k8s.io' }],
});
const place = { kinds, namespace: 'shop', agentNamespace: 'flotilla-system' };
const object = (change: object) => ({
  group: '',
  kind: 'ConfigMap',
  name: 'x',
  namespace: undefined,
  ...change,
});

describe('the object of a check', () => {
  it('lies in the namespace that is named, else in the placement’s, where its kind has one', () => {
    const namespaceOf = (change: object) => {
      const located = locateObject(object(change), place);
      return located.ok ? located.value.ref.namespace : located.error;
    };
    expect(namespaceOf({})).toBe('shop');
    expect(namespaceOf({ namespace: 'other' })).toBe('other');
    expect(namespaceOf({ kind: 'Namespace', namespace: 'other' })).toBeUndefined();
  });

  it.each([
    [
      'of a kind that nobody serves is waited for',
      { kind: 'Widget' },
      'waiting',
      'does not serve kind Widget',
    ],
    [
      'of a group that cannot be read, too',
      { group: 'metrics.k8s.io', kind: 'M' },
      'waiting',
      'cannot be read now',
    ],
    ['of the agent itself is refused', { namespace: 'flotilla-system' }, 'blocked', "agent's own namespace"],
  ])('%s', (_name, change, kind, text) => {
    const located = locateObject(object(change), place);
    expect(located).toMatchObject({
      ok: false,
      error: { kind, text: expect.stringContaining(text) as string },
    });
  });

  it('in no namespace is refused', () => {
    expect(locateObject(object({}), { ...place, namespace: undefined })).toMatchObject({
      error: { kind: 'blocked', code: 'CheckInvalid' },
    });
  });
});

const located = locateObject(object({ group: 'batch', kind: 'Job' }), place);
const sight = (live: KubeObject | undefined) => {
  if (!located.ok) throw new Error('the kind is served');
  return { located: located.value, object: live, ageMs: 0 };
};
const job = (rest: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'x', namespace: 'shop', ...metadata },
  ...rest,
});
const complete = { conditions: [{ type: 'Complete', status: 'True' }] };

describe('a kstatus check', () => {
  it.each([
    ['holds for what is Current', job({ status: complete }), 'holds'],
    ['waits for what is not there', undefined, 'waiting'],
    ['waits for what is in progress', job({ status: {} }), 'waiting'],
    [
      'waits for what failed: it may recover within the timeout',
      job({ status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
      'waiting',
    ],
    ['waits for what goes', job({ status: complete }, { deletionTimestamp: 'now' }), 'waiting'],
  ])('%s', (_name, live, kind) => {
    expect(judgeKstatusCheck(sight(live)).kind).toBe(kind);
  });
});

describe('a CEL check', () => {
  const ask = (text: string, live: KubeObject | undefined) =>
    judgeCelCheck(sight(live), parseCel(text, ['object', 'status']));
  const live = job({ status: { ...complete, succeeded: 1 } });

  it.each([
    ['holds when true', 'status.succeeded == 1', live, 'holds', ''],
    ['waits when false', 'status.succeeded == 2', live, 'waiting', 'is false'],
    ['waits without an answer', 'status.failed == 0', live, 'waiting', 'field not found: failed'],
    ['waits for what is not there', 'true', undefined, 'waiting', 'does not exist'],
    ['waits for what goes', 'true', job({}, { deletionTimestamp: 'now' }), 'waiting', 'being deleted'],
    [
      'waits for the status of the newest generation',
      'true',
      job({ status: { observedGeneration: 1 } }, { generation: 2 }),
      'waiting',
      'generation is 2',
    ],
    ['fails when neither true nor false', 'status.succeeded', live, 'failed', 'is a number'],
  ] as const)('%s', (...given) => {
    const [, text, one, kind, said] = given;
    const answer = ask(text, one);
    expect(answer.kind).toBe(kind);
    if (answer.kind !== 'holds') expect(answer.text).toContain(said);
  });

  it('never repeats what is in a Secret', () => {
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'x' },
      data: { pin: 'aHVudGVy' },
    };
    const answer = ask('int(object.data.pin) > 1', secret);
    expect(answer).toMatchObject({ kind: 'waiting' });
    expect(JSON.stringify(answer)).not.toContain('aHVudGVy');
  });

  it('fails when its expression cannot be read', () => {
    expect(judgeCelCheck(sight(live), err('nonsense'))).toMatchObject({ kind: 'failed' });
  });
});
