import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTestCertificates } from '../../../../test/real/nats-server/test-certificates.ts';
import { diallingOf } from './dialled-host.ts';

let folder: string;
let server: Http2SecureServer;
let caPem: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-dialling-'));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** A TLS server on a loopback address whose certificate has these names; returns its port. */
async function serve(altNames: readonly string[]): Promise<number> {
  const certificates = await writeTestCertificates(folder, altNames);
  caPem = certificates.caPem;
  server = createSecureServer({
    cert: await readFile(certificates.certificateFile),
    key: await readFile(certificates.keyFile),
  });
  const answer = {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(status.UNIMPLEMENTED),
  };
  server.on('stream', (stream) => stream.respond(answer, { endStream: true }));
  // A client that refuses the certificate ends the connection in the middle of the handshake.
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address object.
  return (server.address() as AddressInfo).port;
}

/** Dials as the agent does: `answered` by the server over TLS, else what is wrong. */
async function dial(address: string): Promise<string> {
  const { options, verify } = diallingOf(address);
  const client = new Client(address, credentials.createSsl(Buffer.from(caPem), null, null, verify), {
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  });
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        '/none/none',
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.alloc(0),
        { deadline: Date.now() + 10_000 },
        (error) => resolve(error?.code === status.UNIMPLEMENTED ? 'answered' : String(error?.details)),
      );
    });
  } finally {
    client.close();
  }
}

test('an address is dialled without a warning of Node, and its certificate is for that address', async () => {
  const warnings: string[] = [];
  const note = (warning: Error & { readonly code?: string }) => warnings.push(warning.code ?? warning.name);
  process.on('warning', note);
  const port = await serve(['IP:127.0.0.1']);
  let seen: string | false | null = null;
  server.on('secureConnection', (socket) => {
    seen = socket.servername;
  });

  expect(await dial(`127.0.0.1:${port}`)).toBe('answered');
  // Warnings are told in the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);

  expect(seen).toBe('address.invalid');
  expect(warnings.filter((code) => code === 'DEP0123')).toEqual([]);
});

test.each([[['IP:127.0.0.2']], [['DNS:address.invalid']], [['DNS:hub.example.org', 'DNS:127.0.0.1']]])(
  'a certificate for %j is refused at the address 127.0.0.1',
  async (altNames) => {
    const port = await serve(altNames);
    expect(await dial(`127.0.0.1:${port}`)).toContain("Hostname/IP does not match certificate's altnames");
  },
);

test('a name is checked and sent as it is', async () => {
  expect(diallingOf('hub.example.org:7443')).toEqual({ verify: {}, options: {} });
  const port = await serve(['DNS:localhost']);
  expect(await dial(`localhost:${port}`)).toBe('answered');
});
