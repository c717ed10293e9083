import { silentLogger, systemClock } from '@flotilla/shared/kit';
import { expect } from 'vitest';
import { type FakeHubApi, smallFleet } from '../../../../test/fakes/hub-api/index.ts';
import { type ApiServer, startApiServer } from './api-server.ts';

/** The token of every server that a test starts. */
export const testToken = 'a-token-of-this-test-that-is-long-enough-12';

/** A served fake, and how to ask it. */
export interface ServedApi extends AsyncDisposable {
  readonly api: FakeHubApi;
  readonly server: ApiServer;
  readonly port: number;
  readonly base: string;
  /** With the token; the path begins behind /api/v1. */
  readonly call: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Serves a fake on a port of its own. */
export async function serveApi(api: FakeHubApi = smallFleet()): Promise<ServedApi> {
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startApiServer({
    api,
    listen,
    token: testToken,
    clock: systemClock(),
    log: silentLogger,
  });
  const { port } = server.address;
  const base = `http://127.0.0.1:${port}/api/v1`;
  return {
    api,
    server,
    port,
    base,
    call: (path, init = {}) =>
      fetch(base + path, { ...init, headers: { authorization: `Bearer ${testToken}`, ...init.headers } }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A JSON body. */
export function post(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Status and code of a refusal, which must have a text. */
export async function codeOf(answer: Response): Promise<readonly [number, string]> {
  const body = (await answer.json()) as { error?: { code?: string; text?: string } };
  expect(body.error?.text).toBeTruthy();
  return [answer.status, body.error?.code ?? ''];
}
