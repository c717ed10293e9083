import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startNatsServer, writeTestCertificates } from '../../../../test/real/nats-server/index.ts';
import { silentLogger } from '../logger.ts';
import { ask, change, connected, echo, never, optionsFor, owned } from './bus-fixture.ts';
import { connectBus } from './index.ts';

test('with a given root TLS is demanded and only that root is trusted; a new root is used at the next dial', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const certificates = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const tls = `tls { cert_file: "${certificates.certificateFile}", key_file: "${certificates.keyFile}" }`;
  const server = owned(await startNatsServer({ config: tls }));
  let caPem = certificates.caPem;
  const bus = await connected(server, { caPem: () => caPem });
  echo(bus);
  await ask(bus);
  const other = await writeTestCertificates(await mkdtemp(join(folder, 'other-')), ['IP:127.0.0.1']);
  caPem = other.caPem;
  await bus.reconnect();
  await change(bus, false);
  caPem = certificates.caPem;
  await change(bus, true);
});

test('a server is known by its name, also among several', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const { certificateFile, keyFile, caPem } = await writeTestCertificates(folder, ['DNS:localhost']);
  const server = owned(
    await startNatsServer({ config: `tls { cert_file: "${certificateFile}", key_file: "${keyFile}" }` }),
  );
  const servers = ['nats://127.0.0.1:1', server.url.replace('nats://127.0.0.1', 'tls://localhost')];
  owned(await connectBus(optionsFor(server, { caPem: () => caPem, servers: () => servers }), never));
});

test.each([
  ['IP:10.9.8.7', '127.0.0.1'],
  // What Node checks when the library does not tell it the address.
  ['DNS:localhost', '127.0.0.1'],
  ['DNS:elsewhere', 'localhost'],
])('a certificate for %s is refused when we dial %s', async (name, host) => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const { certificateFile, keyFile, caPem } = await writeTestCertificates(folder, [name]);
  const server = owned(
    await startNatsServer({ config: `tls { cert_file: "${certificateFile}", key_file: "${keyFile}" }` }),
  );
  const controller = new AbortController();
  let refusal: unknown;
  const log = {
    ...silentLogger,
    warn: (_message: string, fields?: { readonly error?: unknown }) => {
      refusal = fields?.error;
      controller.abort(new Error('enough'));
    },
  };
  const url = server.url.replace('127.0.0.1', host);
  await expect(
    connectBus(optionsFor({ url }, { caPem: () => caPem, log }), controller.signal),
  ).rejects.toThrow('enough');
  expect(refusal).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('a server without TLS is not spoken to when a root is given, and trying ends with the signal', async () => {
  const server = owned(await startNatsServer());
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-tls-'));
  owned({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
  const { caPem } = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const controller = new AbortController();
  const warnings: unknown[] = [];
  const log = {
    ...silentLogger,
    warn: (_message: string, fields?: { readonly error?: unknown }) => {
      warnings.push(fields?.error);
      if (warnings.length === 3) controller.abort(new Error('enough'));
    },
  };
  const dial = connectBus(optionsFor(server, { caPem: () => caPem, log }), controller.signal);
  await expect(dial).rejects.toThrow('enough');
  expect(String(warnings[0])).toContain('tls');
});
