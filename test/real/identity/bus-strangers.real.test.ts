import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createNkey } from '@flotilla/shared/kit';
import { connect, jwtAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUid, startTestBus, type TestBus } from './index.ts';

const answerMs = 2_000;

let bus: TestBus;

beforeAll(async () => {
  bus = await startTestBus();
});
afterAll(() => bus[Symbol.asyncDispose]());

describe('a stranger', () => {
  const me = newUid();
  const dial = (jwt: string, seed: string) =>
    connect({
      servers: bus.server.url,
      tls: { ca: bus.identity.tlsServer().caPem },
      authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(seed)),
      reconnect: false,
      timeout: answerMs,
    });

  it('does not get in without credentials', async () => {
    const options = {
      servers: bus.server.url,
      tls: { ca: bus.identity.tlsServer().caPem },
      reconnect: false,
    };
    await expect(connect(options)).rejects.toThrow(/Authorization Violation/i);
  });

  it('does not get in with the JWT of an agent but not its key', async () => {
    const jwt = bus.identity.signer.natsUserJwt(me, createNkey('user').publicKey);
    await expect(dial(jwt, createNkey('user').seed)).rejects.toThrow(/Authorization Violation/i);
  });

  it('does not get in with a JWT of another fleet', async () => {
    await using elsewhere = await startTestBus();
    const key = createNkey('user');
    const jwt = elsewhere.identity.signer.natsUserJwt(me, key.publicKey);
    await expect(dial(jwt, key.seed)).rejects.toThrow(/Authorization Violation/i);
  });

  it('does not get in with a JWT whose time is over', async () => {
    await using shortLived = await startTestBus({ natsUserMs: -60_000 });
    await expect(shortLived.connectAgent(me)).rejects.toThrow(/Authorization Violation|expired/i);
  });

  it('does not get in with a JWT that it widened by hand', async () => {
    const key = createNkey('user');
    const [head, body = '', signature] = bus.identity.signer.natsUserJwt(me, key.publicKey).split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    claims.name = newUid();
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    await expect(dial(forged, key.seed)).rejects.toThrow(/Authorization Violation/i);
  });

  it('is not spoken to without TLS, and finds a server under the CA of the fleet', async () => {
    const port = bus.server.port;
    const line = await new Promise<string>((resolve) => {
      const socket = connectTcp(port, '127.0.0.1');
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
    // The server's first line is public; everything after it is inside TLS.
    expect(line).toContain('"tls_required":true');
    await expect(
      new Promise((resolve, reject) => {
        const plain = connectTcp(port, '127.0.0.1', () => {
          const socket = connectTls({ socket: plain, servername: 'localhost' }, () => resolve('trusted'));
          socket.once('error', reject);
        });
      }),
    ).rejects.toThrow();
  });
});
