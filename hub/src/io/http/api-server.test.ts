import { FlotillaError, limits } from '@flotilla/shared/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fleetStatusSchema, listSchema, rolloutOperatedSchema } from './schema/index.ts';
import { codeOf, post, type ServedApi, serveApi } from './served-api-fixture.ts';

let served: ServedApi;

beforeEach(async () => {
  served = await serveApi();
});

afterEach(() => served[Symbol.asyncDispose]());

describe('lists', () => {
  it('are of the shape that is documented, counted, and continued page by page', async () => {
    const { call } = served;
    const names: string[] = [];
    let next = '';
    do {
      const answer = await call(`/clusters?limit=3${next}`);
      const page = listSchema('clusters').parse(await answer.json());
      names.push(...page.items.map(({ metadata }) => metadata.name));
      if (next === '') {
        expect(page.summary?.total).toBe(4);
        expect(page.metadata.remainingItemCount).toBe(1);
      }
      next = page.metadata.continue === undefined ? '' : `&continue=${page.metadata.continue}`;
    } while (next !== '');
    expect(names).toEqual(['eu-1', 'eu-2', 'us-1', 'us-2']);
  });

  it('select by labels and fields', async () => {
    const { call } = served;
    const query = new URLSearchParams({ labelSelector: 'env in (prod)', fieldSelector: 'state!=Ready' });
    const answer = await call(`/assignments?${query}`);
    const page = listSchema('assignments').parse(await answer.json());
    expect(page.items.map(({ metadata }) => metadata.name)).toEqual(['eu-2/checkout', 'us-1/checkout']);
  });

  it.each([
    ['/clusters?labelSelector=a%3Db%3Dc', 400, 'FLT-2005'],
    ['/clusters?fieldSelector=colour%3Dred', 400, 'FLT-2005'],
    ['/clusters?limit=501', 400, 'FLT-2004'],
    ['/clusters?limit=-1', 400, 'FLT-2004'],
    ['/clusters?limit=many', 400, 'FLT-2004'],
    ['/clusters?limit=1&limit=2', 400, 'FLT-2004'],
    ['/clusters?colour=red', 400, 'FLT-2004'],
    ['/clusters?continue=%25', 400, 'FLT-2006'],
    ['/clusters?sort=colour', 400, 'FLT-2004'],
    ['/clusters/eu-3', 404, 'FLT-3001'],
    ['/clusters/eu-1?x=1', 400, 'FLT-2004'],
    ['/placements/nope', 404, 'FLT-3002'],
    ['/assignments/eu-1/nope', 404, 'FLT-3003'],
    ['/rollouts/nope-1/describe', 404, 'FLT-3004'],
    ['/nope', 404, 'FLT-2003'],
    ['/%zz', 400, 'FLT-2004'],
  ])('and documents: GET %s is %i %s', async (path, status, code) => {
    const { call } = served;
    expect(await codeOf(await call(path))).toEqual([status, code]);
  });

  it('are not given while the hub does not know everything, but its status is', async () => {
    const { api, call } = served;
    const reason = { code: 'LogUnread', text: 'the decision log is read to 40 of 42', subject: 'log' };
    api.setFacts((facts) => ({ ...facts, hub: { ...facts.hub, notReady: [reason] } }));

    expect(await codeOf(await call('/clusters'))).toEqual([503, 'FLT-5001']);
    expect(await codeOf(await call('/events'))).toEqual([503, 'FLT-5001']);
    expect(await codeOf(await call('/clusters/eu-1', { method: 'DELETE' }))).toEqual([503, 'FLT-5001']);
    const status = fleetStatusSchema.parse(await (await call('/status')).json());
    expect(status.status.hub.notReady).toEqual([reason]);
  });
});

describe('actions', () => {
  it('make a token for a cluster', async () => {
    const { api, call } = served;
    const answer = await call('/join-tokens', post({ name: 'eu-9', labels: { env: 'prod' }, ttlMs: 60_000 }));

    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ name: 'eu-9' });
    expect(api.actions).toEqual([
      {
        kind: 'token',
        request: {
          name: 'eu-9',
          isRejoin: false,
          labels: { env: 'prod' },
          ttlMs: 60_000,
          by: { actor: 'admin', reason: '' },
        },
      },
    ]);
  });

  it('remove a cluster, with the reason', async () => {
    const { api, call } = served;
    const answer = await call('/clusters/eu-1?reason=moved', { method: 'DELETE' });

    expect(await answer.json()).toMatchObject({ name: 'eu-1', placements: ['checkout', 'ingress'] });
    expect(api.actions[0]).toMatchObject({ name: 'eu-1', by: { actor: 'admin', reason: 'moved' } });
  });

  it('accept a commit by its first characters', async () => {
    const { call } = served;
    const answer = await call('/sources/control/accept', post({ commit: 'fedcba987654' }));
    expect(await answer.json()).toMatchObject({
      source: 'control',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it.each([
    ['/rollouts/checkout-7/pause', { kind: 'rollout', name: 'checkout-7' }],
    ['/placements/checkout/rollout/pause', { kind: 'placement', name: 'checkout' }],
  ])('operate a rollout by POST %s, with reason and expected sequence', async (path, target) => {
    const { api, call } = served;
    const answer = await call(path, post({ reason: 'incident 812', expectedSeq: 42 }));

    const operated = rolloutOperatedSchema.parse(await answer.json());
    expect(operated).toMatchObject({ rollout: 'checkout-7', verb: 'pause', isChanged: true, lastSeq: 43 });
    const by = { actor: 'admin', reason: 'incident 812' };
    const request = { target, operation: { verb: 'pause' }, expectedSeq: 42, by };
    expect(api.actions).toEqual([{ kind: 'operated', request }]);
  });

  it.each([
    ['resume', {}, { verb: 'resume' }],
    ['approve', { stage: 'canary' }, { verb: 'approve', stage: 'canary' }],
    ['approve', {}, { verb: 'approve', stage: undefined }],
    ['promote', {}, { verb: 'promote' }],
    ['urgent', {}, { verb: 'urgent' }],
    ['abort', {}, { verb: 'abort' }],
    ['undo', {}, { verb: 'undo' }],
    ['retry', {}, { verb: 'retry' }],
    ['skip', { cluster: 'eu-2' }, { verb: 'skip', cluster: 'eu-2' }],
  ])('operate a rollout: %s with %j', async (verb, body, operation) => {
    const { api, call } = served;
    const answer = await call(`/placements/checkout/rollout/${verb}`, post(body));

    expect(answer.status).toBe(200);
    expect(api.actions).toMatchObject([{ kind: 'operated', request: { operation, expectedSeq: undefined } }]);
  });

  it.each([
    ['/placements/checkout/rollout/pause', { expectedSeq: 41 }, 409, 'FLT-4015'],
    ['/rollouts/checkout-6/pause', {}, 409, 'FLT-4005'],
    ['/rollouts/checkout-99/pause', {}, 404, 'FLT-3004'],
    ['/placements/nope/rollout/undo', {}, 404, 'FLT-3002'],
    ['/placements/checkout/rollout/skip', { cluster: 'eu-9' }, 404, 'FLT-3001'],
    ['/placements/checkout/rollout/skip', {}, 400, 'FLT-2004'],
    ['/placements/checkout/rollout/pause', { cluster: 'eu-2' }, 400, 'FLT-2004'],
    ['/placements/checkout/rollout/pause', { expectedSeq: -1 }, 400, 'FLT-2004'],
    ['/placements/checkout/rollout/stop', {}, 404, 'FLT-2003'],
    ['/join-tokens', { name: 'Bad_Name' }, 400, 'FLT-2004'],
    ['/join-tokens', { ttlMs: 1 }, 400, 'FLT-2004'],
    ['/join-tokens', { labels: { a: 1 } }, 400, 'FLT-2004'],
    ['/join-tokens', { nmae: 'x' }, 400, 'FLT-2004'],
    ['/join-tokens', [], 400, 'FLT-2004'],
    ['/join-tokens', { name: 'eu-1' }, 409, 'FLT-4001'],
    ['/sources/control/accept', { commit: 'main' }, 400, 'FLT-2004'],
    ['/sources/control/accept', { commit: '0123456' }, 409, 'FLT-4002'],
    ['/sources/nope/accept', { commit: '0123456' }, 409, 'FLT-4002'],
  ])('POST %s with %j is %i %s', async (path, body, status, code) => {
    const { call } = served;
    expect(await codeOf(await call(path, post(body)))).toEqual([status, code]);
  });

  it('say that nothing was stored when the bus is away, and that the hub is at fault when it is', async () => {
    const { api, call } = served;
    api.failActions(new FlotillaError('no bus', { code: 'BUS', retry: 'backoff' }));
    expect(await codeOf(await call('/join-tokens', post({})))).toEqual([503, 'FLT-5002']);

    api.failActions(new Error('a secret detail'));
    const answer = await call('/join-tokens', post({}));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
  });

  it('take JSON alone, and no more of it than is allowed', async () => {
    const { call } = served;
    const asText = { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } };
    expect(await codeOf(await call('/join-tokens', asText))).toEqual([415, 'FLT-2004']);
    const broken = { ...post({}), body: '{"name":' };
    expect(await codeOf(await call('/join-tokens', broken))).toEqual([400, 'FLT-2004']);
    const huge = post({ reason: 'x'.repeat(limits.apiBodyBytesMax) });
    expect(await codeOf(await call('/join-tokens', huge))).toEqual([413, 'FLT-2007']);
    const poisoned = { ...post({}), body: '{"__proto__":{"labels":{}}}' };
    expect(await codeOf(await call('/join-tokens', poisoned))).toEqual([400, 'FLT-2004']);
  });
});
