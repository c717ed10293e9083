import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { enrol } from '@flotilla/agent/identity';
import { certificatesPem } from '@flotilla/shared/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../fakes/state-store.ts';
import { joinOptions, nameOf, never, startTestFleet, type TestFleet } from './index.ts';

// openssl on the hub's own listeners, with the certificates that an agent really got.
const run = promisify(execFile);
let folder: string;
let hub: TestFleet;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-listeners-'));
  hub = await startTestFleet();
  await writeFile(at('ca.pem'), certificatesPem(hub.identity.signer.caBundle));
  const joinLine = await hub.joinLine({ clusterName: nameOf('eu-1') });
  const agent = await enrol(joinOptions(joinLine, memoryStateStore()), never);
  await writeFile(at('agent.pem'), agent.certificateChainPem);
  await writeFile(at('agent.key'), agent.privateKeyPem);
  const [, ...above] = agent.certificateChainPem.split(/(?=-----BEGIN)/);
  await writeFile(at('above.pem'), above.join(''));
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** What s_client says of a handshake; it hangs up right after it. */
async function shake(port: number, ...more: readonly string[]): Promise<string> {
  const args = [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-servername',
    'localhost',
    '-verify_hostname',
    'localhost',
  ];
  const trust = ['-CAfile', at('ca.pem'), '-verify_return_error', '-showcerts', '-alpn', 'h2'];
  const child = run('openssl', [...args, ...trust, ...more]);
  child.child.stdin?.end();
  return child.then(
    ({ stdout, stderr }) => stdout + stderr,
    (failed: { readonly stdout: string; readonly stderr: string }) =>
      `FAILED ${failed.stdout}${failed.stderr}`,
  );
}

describe('the enrolment listener', () => {
  it('shows leaf, hub CA and root, speaks TLS 1.3 and HTTP/2, and asks for no certificate', async () => {
    const said = await shake(hub.enrolPort);
    expect(said).toContain('Verify return code: 0 (ok)');
    expect(said.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(said).toContain('ALPN protocol: h2');
    expect(said).toContain('TLSv1.3');
    expect(said).toContain('No client certificate CA names sent');
  });
});

describe("the agents' listener", () => {
  it('takes an agent', async () => {
    const said = await shake(
      hub.agentsPort,
      '-cert',
      at('agent.pem'),
      '-key',
      at('agent.key'),
      '-cert_chain',
      at('above.pem'),
    );
    expect(said).toContain('Verify return code: 0 (ok)');
    expect(said).toContain('CN = Flotilla root CA');
    expect(said).not.toContain('FAILED');
  });

  it('turns away who shows nothing, and who shows a certificate of another CA', async () => {
    // A TLS 1.3 server says so only after its own handshake: the client must read on.
    expect(await shake(hub.agentsPort, '-ign_eof')).toContain('certificate required');
    await using other = await startTestFleet();
    const stranger = await enrol(
      joinOptions(await other.joinLine({ clusterName: nameOf('eu-1') }), memoryStateStore()),
      never,
    );
    await writeFile(at('stranger.pem'), stranger.certificateChainPem);
    await writeFile(at('stranger.key'), stranger.privateKeyPem);
    const said = await shake(
      hub.agentsPort,
      '-ign_eof',
      ...['-cert', at('stranger.pem'), '-key', at('stranger.key')],
    );
    expect(said).toContain('FAILED');
  });
});
