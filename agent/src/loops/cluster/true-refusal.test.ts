import type { ObjectRef } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { KubeError } from '../../kube-port.ts';
import { withTrueRefusal } from './true-refusal.ts';

const ref: ObjectRef = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' };
const signal = new AbortController().signal;

function answer(status: number, reason = ''): KubeError {
  return new KubeError('the server said so', {
    code: 'KUBE_ANSWER',
    retry: 'backoff',
    status,
    reason,
    causes: [],
    retryAfterMs: undefined,
  });
}

interface Server {
  readonly first: KubeError;
  readonly whole?: KubeError;
  readonly name?: KubeError;
  readonly get?: KubeError;
}

/** What an apply fails with on a server that answers so. */
async function refusalOn({ first, whole, name, get }: Server): Promise<unknown> {
  const reject = (error: KubeError | undefined) =>
    error === undefined ? Promise.resolve({}) : Promise.reject(error);
  const check = {
    kube: { get: () => reject(get) } as never,
    ref,
    dryRun: (what: 'whole' | 'name') => reject(what === 'whole' ? whole : name),
    signal,
  };
  return await withTrueRefusal(() => reject(first), check).catch((error: unknown) => error);
}

const bare = answer(500);

describe('a 500 without a reason', () => {
  it.each([
    ['takes', undefined],
    ['calls invalid', answer(422, 'Invalid')],
  ])(
    'is the fault of the object on a server that refuses it again and %s its bare name',
    async (_what, name) => {
      expect(await refusalOn({ first: bare, whole: bare, ...(name && { name }) })).toMatchObject({
        status: 422,
        code: 'KUBE_INVALID',
        retry: 'never',
      });
    },
  );

  it.each<[string, Server]>([
    ['that fails whatever is written, though it reads', { first: bare, whole: bare, name: bare }],
    ['that throttles the question', { first: bare, whole: bare, name: answer(429, 'TooManyRequests') }],
    ['that is refused the question', { first: bare, whole: bare, name: answer(403, 'Forbidden') }],
    ['that takes it the second time', { first: bare }],
    [
      'that is unwell with a reason the second time',
      { first: bare, whole: answer(503, 'ServiceUnavailable') },
    ],
  ])('stays what it is on a server %s', async (_what, server) => {
    expect(await refusalOn(server)).toBe(bare);
  });

  it('of a server that cannot read is no verdict either', async () => {
    const away = answer(503, 'ServiceUnavailable');
    expect(await refusalOn({ first: bare, get: away })).toBe(away);
  });
});
