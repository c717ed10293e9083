import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A throw-away root and a server certificate under it, made by openssl. */
export interface TestCertificates {
  readonly caPem: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Makes a root and a server certificate for the given subject alternative names (`DNS:x`, `IP:127.0.0.1`). */
export async function writeTestCertificates(
  folder: string,
  altNames: readonly string[],
): Promise<TestCertificates> {
  const file = (name: string): string => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=test root'],
    ...['-keyout', file('ca.key'), '-out', file('ca.pem')],
  ]);
  await run('openssl', [
    'req',
    ...newKey,
    '-subj',
    '/CN=server',
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr'),
  ]);
  await writeFile(file('ext'), `subjectAltName=${altNames.join(',')}\n`);
  await run('openssl', [
    ...[
      'x509',
      '-req',
      '-in',
      file('server.csr'),
      '-CA',
      file('ca.pem'),
      '-CAkey',
      file('ca.key'),
      '-CAcreateserial',
    ],
    ...['-days', '2', '-extfile', file('ext'), '-out', file('server.pem')],
  ]);
  return {
    caPem: await readFile(file('ca.pem'), 'utf8'),
    certificateFile: file('server.pem'),
    keyFile: file('server.key'),
  };
}
