import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A CA and a certificate, for 127.0.0.1 unless another name is given, by openssl. */
export async function makeCertificate(
  folder: string,
  name = 'IP:127.0.0.1',
): Promise<{ key: string; cert: string; ca: string }> {
  const at = (name: string) => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', [
    ...['req', '-x509', ...newKey, '-subj', '/CN=Test CA', '-days', '2'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  ]);
  await run('openssl', [
    ...[
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=git',
      '-days',
      '2',
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
    ],
    ...['-addext', `subjectAltName=${name}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-keyout', at('git.key'), '-out', at('git.pem')],
  ]);
  const [key, cert, ca] = await Promise.all(
    ['git.key', 'git.pem', 'ca.pem'].map((name) => readFile(at(name), 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '', ca: ca ?? '' };
}
