import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { parseClusterUid } from '@flotilla/shared/base';
import { certificatesPem, systemClock } from '@flotilla/shared/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubIdentity, openIdentity } from './index.ts';

// The judge is openssl: it shares no code with what made the certificates.
const run = promisify(execFile);
const parsed = parseClusterUid('abcdefghijklmnopqrstuvwxyz');
const uid = parsed.ok ? parsed.value : expect.fail('the uid of this test is malformed');

let folder: string;
let identity: HubIdentity;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-openssl-'));
  identity = await openIdentity({
    dataDir: folder,
    trustDomain: 'fleet.example',
    serverNames: ['hub.example', '192.0.2.7'],
    clock: systemClock(),
  });
  const server = identity.tlsServer();
  await writeFile(at('ca.pem'), server.caPem);
  await writeFile(at('server.pem'), server.certPem);
  for (const [name, algorithm] of [
    ['agent', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['agent-ed', ['-newkey', 'ed25519']],
  ] as const) {
    // A request made by openssl with extensions that it must not get.
    await openssl('req', '-new', '-nodes', ...algorithm, '-subj', '/CN=admin', '-outform', 'DER',
      '-addext', 'basicConstraints=CA:TRUE', '-addext', 'subjectAltName=DNS:localhost',
      '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)); // biome-ignore format: one option a word
    const csr = await readFile(at(`${name}.csr`));
    const chain = await identity.signer.issueAgentCertificate(uid, csr);
    await writeFile(at(`${name}.pem`), certificatesPem(chain));
    await writeFile(at(`${name}-above.pem`), certificatesPem(chain.slice(1)));
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function openssl(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('openssl', args);
  return stdout + stderr;
}

function verify(name: string, purpose: string): Promise<string> {
  return openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', at('ca.pem'),
    '-untrusted', at('server.pem'), at(name)); // biome-ignore format: one option a word
}

describe('openssl', () => {
  it.each(['agent.pem', 'agent-ed.pem'])(
    'accepts %s as a client under the root, and never as a server',
    async (name) => {
      expect(await verify(name, 'sslclient')).toContain(': OK');
      await expect(verify(name, 'sslserver')).rejects.toThrow(
        /unsuitable certificate purpose|unsupported certificate purpose/,
      );
    },
  );

  it('accepts the listeners as servers, and never as a client', async () => {
    expect(await verify('server.pem', 'sslserver')).toContain(': OK');
    await expect(verify('server.pem', 'sslclient')).rejects.toThrow(/certificate purpose/);
  });

  it('does not accept what an agent signs with its certificate', async () => {
    await openssl('req', '-new', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-subj', '/CN=forged', '-keyout', at('forged.key'), '-out', at('forged.csr')); // biome-ignore format: one option a word
    await openssl('x509', '-req', '-in', at('forged.csr'), '-CA', at('agent.pem'), '-CAkey', at('agent.key'),
      '-CAcreateserial', '-out', at('forged.pem')); // biome-ignore format: one option a word
    await writeFile(
      at('both.pem'),
      (await readFile(at('agent.pem'))).toString() + identity.tlsServer().certPem,
    );
    await expect(
      openssl('verify', '-CAfile', at('ca.pem'), '-untrusted', at('both.pem'), at('forged.pem')),
    ).rejects.toThrow(/invalid CA certificate/);
  });

  it('reads what the certificates say', async () => {
    const agent = await openssl('x509', '-in', at('agent.pem'), '-noout', '-text');
    expect(agent).toContain(`Subject: CN = ${uid}`);
    expect(agent).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/);
    expect(agent).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(agent).toMatch(/X509v3 Extended Key Usage: *\n\s+TLS Web Client Authentication\n/);
    expect(agent).toMatch(
      new RegExp(`Subject Alternative Name: *\\n\\s+URI:spiffe://fleet.example/cluster/${uid}\\n`),
    );
    expect(agent).toContain('X509v3 Subject Key Identifier');
    expect(agent).toContain('X509v3 Authority Key Identifier');
    expect(agent).not.toContain('admin');

    const server = await openssl('x509', '-in', at('server.pem'), '-noout', '-text');
    expect(server).toMatch(/X509v3 Extended Key Usage: *\n\s+TLS Web Server Authentication\n/);
    expect(server).toMatch(
      /DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:hub.example, IP Address:192.0.2.7/,
    );

    const root = await openssl('x509', '-in', at('ca.pem'), '-noout', '-text');
    expect(root).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    expect(root).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
  });

  it('computes the same pin from the root', async () => {
    const pem = await openssl('x509', '-in', at('ca.pem'), '-noout', '-pubkey');
    await writeFile(at('root.pub'), pem);
    await openssl('pkey', '-pubin', '-in', at('root.pub'), '-outform', 'DER', '-out', at('root.der'));
    const sum = await openssl('dgst', '-sha256', '-r', at('root.der'));
    expect(Buffer.from(sum.slice(0, 64), 'hex').toString('base64url')).toBe(identity.signer.pin);
  });
});

describe('a TLS listener with this material', () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    const { certPem, keyPem, caPem } = identity.tlsServer();
    server = createServer(
      {
        cert: certPem,
        key: keyPem,
        ca: caPem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.3',
      },
      (socket) => socket.end('welcome\n'),
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const connect = (...args: string[]) =>
    openssl(
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-CAfile',
      at('ca.pem'),
      '-verify_return_error',
      // Node ends a connection with less ceremony than openssl wants.
      '-ignore_unexpected_eof',
      '-ign_eof',
      ...args,
    );
  const asAgent = (name: string) => [
    '-cert',
    at(`${name}.pem`),
    '-key',
    at(`${name}.key`),
    '-cert_chain',
    at(`${name}-above.pem`),
  ];

  it.each(['agent', 'agent-ed'])('shows the whole chain and lets %s in', async (name) => {
    const said = await connect('-verify_ip', '127.0.0.1', '-showcerts', ...asAgent(name));
    expect(said).toContain('Verify return code: 0 (ok)');
    expect(said.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(said).toContain('welcome');
  });

  it('is good for its names only', async () => {
    expect(await connect('-verify_hostname', 'hub.example', ...asAgent('agent'))).toContain('welcome');
    await expect(connect('-verify_hostname', 'other.example', ...asAgent('agent'))).rejects.toThrow(
      /ostname mismatch/,
    );
  });

  it('turns away a client without a certificate, and one that shows the certificate of a server', async () => {
    await expect(connect()).rejects.toThrow(/certificate required/);
    const { certPem, keyPem } = identity.tlsServer();
    await writeFile(at('as-client.pem'), certPem);
    await writeFile(at('as-client.key'), createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'pem' }));
    const said = await connect('-cert', at('as-client.pem'), '-key', at('as-client.key'));
    expect(said).toContain('Verify return code: 0 (ok)');
    expect(said).not.toContain('welcome');
  });
});
