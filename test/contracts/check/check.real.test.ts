import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type HttpChecksSettings, httpChecks } from '@flotilla/hub/io/check';
import type { BoundCredential } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import type { CheckBehaviour } from '../../fakes/index.ts';
import { startRecordingServer } from '../../real/recording-server.ts';
import { never } from '../never.ts';
import { checkContract } from './suite.ts';

function credentials(url: string): HttpChecksSettings['credentialOf'] {
  const token = { kind: 'token', token: 's3cret' } as const;
  const known = new Map<string, BoundCredential>([
    ['ours', { ...token, name: 'ours', url }],
    ['theirs', { ...token, name: 'theirs', url: 'https://other.example.org' }],
    ['person', { kind: 'basic', name: 'person', username: 'a', password: 's3cret', url }],
  ]);
  return async (name) => known.get(name);
}

function behaveAs(behaviour: CheckBehaviour, response: ServerResponse): void {
  if (behaviour === 'silent') return;
  if (behaviour === 'broken') {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('{"pass"', () => response.destroy());
    return;
  }
  const { body, retryAfterMs, status } = behaviour;
  const later = retryAfterMs === undefined ? {} : { 'Retry-After': String(retryAfterMs / 1_000) };
  response.writeHead(status, { Location: 'http://127.0.0.1:1/elsewhere', ...later }).end(body);
}

async function makeWorld(more: Partial<HttpChecksSettings> = {}) {
  let behaviour: CheckBehaviour = { status: 200, body: '{"pass":true}' };
  const received: { body: string; authorization: string }[] = [];
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = '' } = request.headers;
    received.push({ body: await text(request), authorization });
    behaveAs(behaviour, response);
  }
  const server = await startRecordingServer((request, response) => void answer(request, response));
  const settings = {
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
    credentialOf: credentials(server.url),
  };
  return {
    server,
    port: httpChecks({ ...settings, ...more }),
    url: server.url,
    behave(next: CheckBehaviour) {
      behaviour = next;
    },
    received: () => received,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe('checks over HTTP', () => {
  checkContract(makeWorld);

  test.each([
    ['a denied range', { deniedRanges: ['127.0.0.0/8'] }, (port: number) => `http://127.0.0.1:${port}`],
    [
      'this machine unless it is listed',
      { allowPlainHttpHosts: [] },
      (port: number) => `https://127.0.0.1:${port}`,
    ],
    [
      'a name that leads to this machine',
      { allowPlainHttpHosts: [] },
      (port: number) => `https://localhost:${port}`,
    ],
    ['a metadata address', {}, () => 'https://169.254.169.254/latest'],
  ] as const)('%s is never connected to', async (_name, more, url) => {
    await using world = await makeWorld(more);
    const asked = { url: url(world.server.port), credential: undefined, body: '{}', timeoutMs: 5_000 };
    const error: unknown = await world.port.ask(asked, never).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'CheckUnansweredError' });
    expect(world.server.connections()).toBe(0);
  });

  test('a user and a password are no bearer, and are not sent', async () => {
    await using world = await makeWorld();
    const asked = { url: world.url, credential: 'person', body: '{}', timeoutMs: 5_000 };
    await expect(world.port.ask(asked, never)).rejects.toMatchObject({ code: 'CHECK_CREDENTIAL' });
    expect(world.received()).toEqual([]);
  });

  test('a body without an end costs no more than its bound', async () => {
    await using server = await startRecordingServer((_request, response) => {
      response.writeHead(200);
      const more = () => response.write('x'.repeat(16_384), (error) => error == null && setImmediate(more));
      more();
    });
    const port = httpChecks({
      allowPlainHttpHosts: ['127.0.0.1'],
      deniedRanges: [],
      credentialOf: async () => undefined,
    });
    const asked = { url: server.url, credential: undefined, body: '{}', timeoutMs: 20_000 };
    await expect(port.ask(asked, never)).rejects.toMatchObject({ code: 'CHECK_REPLY_TOO_LARGE' });
  });
});
