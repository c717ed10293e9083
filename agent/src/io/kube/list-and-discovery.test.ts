import { describe, expect, it } from 'vitest';
import type { Answer } from './scripted-server-fixture.ts';
import {
  configMaps,
  failureOf,
  json,
  path,
  ref,
  scripted,
  settings,
  status,
} from './scripted-server-fixture.ts';

const signal = AbortSignal.timeout(20_000);

describe('lists', () => {
  const collection = '/api/v1/namespaces/shop/configmaps';
  const item = (name: string) => ({ metadata: { name } });
  const selection = { kind: configMaps, namespace: 'shop' };

  it('are put together from pages', async () => {
    const server = scripted({
      [`GET ${collection}`]: [
        json({ metadata: { resourceVersion: '9', continue: 'next' }, items: [item('a'), item('b')] }),
        json({ metadata: { resourceVersion: '9' }, items: [item('c')] }),
      ],
    });
    const port = await server.port({ pageItems: 2 });

    const list = await port.list({ ...selection, labelSelector: 'x=y' }, signal);

    expect(list.resourceVersion).toBe('9');
    expect(list.items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ConfigMap', 'a'],
      ['ConfigMap', 'b'],
      ['ConfigMap', 'c'],
    ]);
    expect(server.seen.slice(-2)).toEqual([
      `GET ${collection}?labelSelector=x%3Dy&limit=2`,
      `GET ${collection}?labelSelector=x%3Dy&limit=2&continue=next`,
    ]);
  });

  it('start again once when the server forgets their version', async () => {
    const server = scripted({
      [`GET ${collection}`]: [
        json({ metadata: { resourceVersion: '9', continue: 'next' }, items: [item('a')] }),
        status(410, { reason: 'Expired', message: 'too old' }),
        json({ metadata: { resourceVersion: '12' }, items: [item('b')] }),
      ],
    });
    const port = await server.port();

    const list = await port.list(selection, signal);

    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('ask for less when a page is too large', async () => {
    const huge: Answer = (_request, response) => {
      response.writeHead(200);
      const block = Buffer.alloc(1_048_576, 0x20);
      const more = () => {
        while (!response.destroyed && response.write(block));
        response.once('drain', more);
      };
      more();
    };
    const server = scripted({
      [`GET ${collection}`]: [huge, json({ metadata: { resourceVersion: '9' }, items: [item('a')] })],
    });
    const port = await server.port({ pageItems: 8 });

    expect((await port.list(selection, signal)).items).toHaveLength(1);
    expect(server.seen.slice(-2)).toEqual([`GET ${collection}?limit=8`, `GET ${collection}?limit=4`]);
  });
});

describe('discovery', () => {
  it('is asked for once by many', async () => {
    const server = scripted({ [`GET ${path}`]: json(settings) });
    const port = await server.port();

    await Promise.all([
      port.get(ref, signal),
      port.get(ref, signal),
      port.discover({ fresh: false }, signal),
    ]);

    expect(server.seen.filter((one) => one === 'GET /api')).toHaveLength(1);
  });

  it('is asked for again when fresh is wanted, however many want it', async () => {
    const server = scripted({});
    const port = await server.port();
    await port.discover({ fresh: false }, signal);

    await Promise.all([1, 2, 3].map(() => port.discover({ fresh: true }, signal)));

    // One round may have been on its way when the others asked; they share the one after it.
    expect(server.seen.filter((one) => one === 'GET /api').length).toBeLessThanOrEqual(3);
    expect(server.seen.filter((one) => one === 'GET /api').length).toBeGreaterThanOrEqual(2);
  });

  it('falls back to the older form and reports groups that fail', async () => {
    const server = scripted({
      'GET /api': json({ kind: 'APIVersions', versions: ['v1'] }),
      'GET /apis': json({
        kind: 'APIGroupList',
        groups: [
          {
            name: 'down.example',
            versions: [{ version: 'v1' }],
            preferredVersion: { version: 'v1' },
          },
        ],
      }),
      'GET /api/v1': json({
        resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['get'] }],
      }),
      'GET /apis/down.example/v1': status(503, { message: 'service unavailable' }),
      [`GET ${path}`]: json(settings),
    });
    const port = await server.port();

    const discovery = await port.discover({ fresh: false }, signal);

    expect(discovery.resources).toHaveLength(1);
    expect(discovery.failedGroups).toMatchObject([{ group: 'down.example', version: 'v1' }]);
    expect(await port.get(ref, signal)).toMatchObject(settings);
    const gone = { group: 'down.example', version: 'v1', kind: 'Thing', namespace: 'a', name: 'b' };
    expect(await failureOf(port.get(gone, signal))).toMatchObject({
      code: 'KUBE_KIND_UNDISCOVERED',
      status: 503,
      retry: 'backoff',
    });
  });

  it('survives the abort of the one who asked first', async () => {
    const server = scripted({ [`GET ${path}`]: json(settings) });
    const port = await server.port();
    const stop = new AbortController();

    const first = port.discover({ fresh: false }, stop.signal);
    const second = port.get(ref, signal);
    stop.abort(new Error('enough'));

    await expect(first).rejects.toThrow('enough');
    expect(await second).toMatchObject(settings);
  });
});
