import { request } from 'node:http';
import { connect } from 'node:net';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { smallFleet } from '../../../../test/fakes/hub-api/index.ts';
import { startApiServer } from './api-server.ts';
import { codeOf, type ServedApi, serveApi, testToken } from './served-api-fixture.ts';

let served: ServedApi;

beforeEach(async () => {
  served = await serveApi();
});

afterEach(() => served[Symbol.asyncDispose]());

describe('the front door', () => {
  it.each(['/clusters', '/status', '/openapi.json', '/events', '/nope'])(
    'is closed at %s without the token',
    async (path) => {
      const { base } = served;
      expect(await codeOf(await fetch(base + path))).toEqual([401, 'FLT-2001']);
    },
  );

  it('is closed to pages of other sites: a foreign Host is refused and no CORS header is sent', async () => {
    const { port, call } = served;
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example', authorization: `Bearer ${testToken}` };
      request({ host: '127.0.0.1', port, path: '/api/v1/status', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .once('error', reject)
        .end();
    });
    expect(status).toBe(403);
    const answer = await call('/status', { headers: { origin: 'https://evil.example' } });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('does not open on an address that others can reach', async () => {
    const starting = startApiServer({
      api: smallFleet(),
      listen: { host: '0.0.0.0', port: 0 },
      token: testToken,
      clock: systemClock(),
      log: silentLogger,
    });
    await expect(starting).rejects.toMatchObject({ code: 'NOT_LOOPBACK' });
  });

  it('says what for when its port is taken', async () => {
    const { port } = served;
    const listen = { host: '127.0.0.1', port };
    const starting = startApiServer({
      api: smallFleet(),
      listen,
      token: testToken,
      clock: systemClock(),
      log: silentLogger,
    });
    await expect(starting).rejects.toThrow(`cannot listen on 127.0.0.1:${port} for the API`);
  });

  it('answers bytes that are no HTTP in its own shape', async () => {
    const { port } = served;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('garbage\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('FLT-2004');
  });
});
