import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A key and its certificate, PEM. */
export interface Identity {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A certificate authority of one test, made with openssl, so that our own signer proves nothing about itself. */
export interface TestCa {
  readonly caPem: string;
  /** A server certificate for localhost and 127.0.0.1. */
  server(): Promise<Identity>;
  /** A client certificate with exactly these subject alternative names, e.g. `URI:spiffe://…`. */
  client(names: string): Promise<Identity>;
  close(): Promise<void>;
}

/** Makes a CA in a folder of its own. */
export async function makeCa(): Promise<TestCa> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-ca-'));
  let count = 0;
  await openssl(folder, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=test hub CA', '-keyout', 'ca.key', '-out', 'ca.pem'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'],
  ]);

  async function issue(names: string, usage: 'serverAuth' | 'clientAuth'): Promise<Identity> {
    count += 1;
    const name = `leaf-${count}`;
    await openssl(folder, [
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=test'],
      ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
    ]);
    await writeFile(
      join(folder, `${name}.ext`),
      `subjectAltName=${names}\nextendedKeyUsage=${usage}\nbasicConstraints=CA:FALSE\n`,
    );
    await openssl(folder, [
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '1'],
      ...['-set_serial', String(1_000 + count), '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    ]);
    return {
      certPem: await readFile(join(folder, `${name}.pem`), 'utf8'),
      keyPem: await readFile(join(folder, `${name}.key`), 'utf8'),
    };
  }

  return {
    caPem: await readFile(join(folder, 'ca.pem'), 'utf8'),
    server: () => issue('DNS:localhost,IP:127.0.0.1', 'serverAuth'),
    client: (names) => issue(names, 'clientAuth'),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  await run('openssl', args, { cwd: folder });
}
