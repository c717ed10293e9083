import { describe, expect, it } from 'vitest';
import { defaultKubeTiming } from './config.ts';
import type { Answer } from './scripted-server-fixture.ts';
import {
  collect,
  configMaps,
  failureOf,
  lines,
  reset,
  scripted,
  settings,
  status,
} from './scripted-server-fixture.ts';

const signal = AbortSignal.timeout(20_000);

describe('watches', () => {
  const collection = '/api/v1/namespaces/shop/configmaps';
  const selection = { kind: configMaps, namespace: 'shop' };

  it('give out events with their kind, and end when the server closes', async () => {
    const server = scripted({
      [`GET ${collection}`]: lines(
        { type: 'ADDED', object: settings },
        { type: 'MODIFIED', object: { kind: 'PartialObjectMetadata', metadata: settings.metadata } },
        { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } },
        { type: 'DELETED', object: settings },
      ),
    });
    const port = await server.port();

    const events = await collect(port.watch(selection, '4', signal));

    expect(events.map((event) => event.kind)).toEqual(['added', 'modified', 'bookmark', 'deleted']);
    expect(events[1]).toMatchObject({ object: { apiVersion: 'v1', kind: 'ConfigMap' } });
    expect(events[2]).toEqual({ kind: 'bookmark', resourceVersion: '8' });
    expect(server.seen.at(-1)).toMatch(
      /watch=1&resourceVersion=4&allowWatchBookmarks=true&timeoutSeconds=\d+$/,
    );
  });

  it.each([
    ['at once', status(410, { reason: 'Expired', message: 'too old' })],
    [
      'in an event',
      lines({
        type: 'ERROR',
        object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' },
      }),
    ],
  ])('throw Expired when the version is too old: %s', async (_how, answer) => {
    const server = scripted({ [`GET ${collection}`]: answer });
    const port = await server.port();

    expect(await failureOf(collect(port.watch(selection, '1', signal)))).toMatchObject({
      status: 410,
      reason: 'Expired',
      code: 'KUBE_EXPIRED',
      retry: 'now',
    });
  });

  it('end when their connection is lost', async () => {
    const torn: Answer = (request, response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify({ type: 'ADDED', object: settings })}\n`, () =>
        request.socket.destroy(),
      );
    };
    const server = scripted({ [`GET ${collection}`]: torn });
    const port = await server.port();

    expect(await collect(port.watch(selection, '1', signal))).toHaveLength(1);
  });

  it('end after a silence', async () => {
    const silent: Answer = (_request, response) => response.writeHead(200).flushHeaders();
    const server = scripted({ [`GET ${collection}`]: silent });
    const port = await server.port({ timing: { ...defaultKubeTiming, watchIdleMs: 40 } });

    expect(await collect(port.watch(selection, '1', signal))).toEqual([]);
  });

  it('throw when they cannot be opened', async () => {
    const server = scripted({ [`GET ${collection}`]: reset });
    const port = await server.port();

    expect(await failureOf(collect(port.watch(selection, '1', signal)))).toMatchObject({
      code: 'KUBE_UNREACHABLE',
    });
  });

  it('close their connection when the reader stops', async () => {
    let isClosed = false;
    const endless: Answer = (request, response) => {
      request.socket.on('close', () => {
        isClosed = true;
      });
      response.writeHead(200);
      response.write(`${JSON.stringify({ type: 'ADDED', object: settings })}\n`);
    };
    const server = scripted({ [`GET ${collection}`]: endless });
    const port = await server.port();

    for await (const _ of port.watch(selection, '1', signal)) break;

    await expect.poll(() => isClosed).toBe(true);
  });

  it('refuse a line that is no event', async () => {
    const server = scripted({ [`GET ${collection}`]: lines('hello') });
    const port = await server.port();

    expect((await failureOf(collect(port.watch(selection, '1', signal)))).message).toContain(
      'a line of the watch is not an event',
    );
  });
});
