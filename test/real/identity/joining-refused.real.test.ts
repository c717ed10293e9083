import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { enrol, openFolderStore } from '@flotilla/agent/identity';
import type { StateStore } from '@flotilla/agent/ports';
import { openIdentity } from '@flotilla/hub/identity';
import { FlotillaError } from '@flotilla/shared/base';
import { certificatesPem, systemClock } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../fakes/state-store.ts';
import {
  joinOptions,
  nameOf,
  never,
  startTestFleet,
  type TestFleet,
  type TestFleetOptions,
  type TestPorts,
  testPorts,
} from './index.ts';

let folder: string;
let store: StateStore;
let ports: TestPorts;
const fleets: TestFleet[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-join-'));
  store = await openFolderStore(join(folder, 'records'));
  ports = testPorts();
});
afterEach(async () => {
  for (const one of fleets.splice(0)) await one[Symbol.asyncDispose]();
  await ports[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function fleet(options: TestFleetOptions = {}): Promise<TestFleet> {
  const started = await startTestFleet(options);
  fleets.push(started);
  return started;
}

const joinBy = (joinLine: string, at: StateStore = store, signal = never) =>
  enrol(joinOptions(joinLine, at), signal);

async function failureOf(
  joinLine: string,
  at?: StateStore,
): Promise<Error & { readonly code: string; readonly retry: string }> {
  const outcome: unknown = await joinBy(joinLine, at).catch((error: unknown) => error);
  if (outcome instanceof FlotillaError) return outcome;
  throw new Error('it joined');
}

describe('a person in the middle', () => {
  /** A TLS server that shows what it is given, and everything that it was sent inside TLS. */
  async function impostor(material: { readonly cert: string; readonly key: string }) {
    const heard: Buffer[] = [];
    const server = createTlsServer({ ...material, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('data', (data) => heard.push(data));
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    return { port: await ports.listen(server), heard };
  }

  async function otherFleet(serverNames: readonly string[] = []) {
    const dataDir = await mkdtemp(join(folder, 'other-'));
    return openIdentity({ dataDir, trustDomain: 'flotilla', serverNames, clock: systemClock() });
  }

  it('with a CA of its own is named, with both pins, and hears nothing', async () => {
    const hub = await fleet();
    const foreign = await otherFleet();
    const { certPem, keyPem } = foreign.tlsServer();
    const middle = await impostor({ cert: certPem, key: keyPem });

    const failure = await failureOf(
      await hub.joinLine({ clusterName: nameOf('eu-1') }, `localhost:${middle.port}`),
    );

    expect(failure).toMatchObject({ code: 'PIN_MISMATCH', retry: 'never' });
    expect(failure.message).toContain(`expected an authority with pin ${hub.identity.signer.pin}`);
    expect(failure.message).toContain(foreign.signer.pin);
    expect(failure.message).toContain('flotilla cluster join-command');
    expect(middle.heard).toEqual([]);
  });

  it('that appends the genuine CA to its own certificate is found out, and hears nothing', async () => {
    const hub = await fleet();
    const { certPem, keyPem } = (await otherFleet()).tlsServer();
    const cert = certPem + certificatesPem(hub.identity.signer.caBundle);
    const middle = await impostor({ cert, key: keyPem });
    const failure = await failureOf(await hub.joinLine({}, `localhost:${middle.port}`));
    // The chain that TLS shows stops at the impostor's own root.
    expect(failure.code).toBe('PIN_MISMATCH');
    expect(failure.retry).toBe('never');
    expect(middle.heard).toEqual([]);
  });

  it('that shows the genuine chain above a certificate of its own is found out, and hears nothing', async () => {
    const hub = await fleet();
    const { certPem } = hub.identity.tlsServer();
    const chain = certPem
      .split(/(?=-----BEGIN)/)
      .slice(1)
      .join('');
    const { certPem: ownPem, keyPem } = (await otherFleet()).tlsServer();
    const cert = ownPem.split(/(?=-----BEGIN)/)[0]! + chain;
    const middle = await impostor({ cert, key: keyPem });
    const failure = await failureOf(await hub.joinLine({}, `localhost:${middle.port}`));
    // The chain is followed by key, not by name.
    expect(failure.code).toBe('PIN_MISMATCH');
    expect(middle.heard).toEqual([]);
  });

  it('that is an agent of the fleet cannot pass its certificate off as the hub', async () => {
    const hub = await fleet();
    const agent = await joinBy(await hub.joinLine({ clusterName: nameOf('eu-1') }));
    const middle = await impostor({
      cert: agent.certificateChainPem + agent.caBundlePem,
      key: agent.privateKeyPem,
    });
    const failure = await failureOf(await hub.joinLine({}, `localhost:${middle.port}`), memoryStateStore());
    expect(failure).toMatchObject({ code: 'CHAIN_INVALID', retry: 'never' });
    expect(failure.message).toContain('nothing was sent');
    expect(middle.heard).toEqual([]);
  });

  it('may be looked past on loopback only, and only when a person says so', async () => {
    const hub = await fleet();
    const other = await fleet();
    const [, token] = (await hub.joinLine({ clusterName: nameOf('eu-1') })).split('/');
    const mixed = `localhost:${hub.enrolPort}/${token?.replace(hub.identity.signer.pin, other.identity.signer.pin)}`;
    expect((await failureOf(mixed)).code).toBe('PIN_MISMATCH');
    expect((await enrol({ ...joinOptions(mixed, store), skipsPin: true }, never)).clusterName).toBe('eu-1');
  });
});

describe('a hub that cannot be joined', () => {
  it('because nobody listens: one clear line, and it is tried again', async () => {
    const hub = await fleet();
    const port = await ports.closedPort();
    const failure = await failureOf(await hub.joinLine({}, `127.0.0.1:${port}`));
    expect(failure).toMatchObject({ code: 'HUB_UNREACHABLE', retry: 'backoff' });
    expect(failure.message).toContain(`127.0.0.1:${port}`);
  });

  it('because the port speaks something else', async () => {
    const hub = await fleet();
    const port = await ports.listen(
      createTcpServer((socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const failure = await failureOf(await hub.joinLine({}, `127.0.0.1:${port}`));
    expect(failure).toMatchObject({ code: 'NOT_TLS', retry: 'never' });
    expect(failure.message).toContain('does not speak TLS');
  });

  it('because its certificate is for other names', async () => {
    const hub = await fleet();
    const forward = await ports.forward(hub.enrolPort, '127.0.0.2');
    const failure = await failureOf(await hub.joinLine({}, `127.0.0.2:${forward}`));
    expect(failure).toMatchObject({ code: 'HOST_MISMATCH', retry: 'never' });
    expect(failure.message).toMatch(/not for 127\.0\.0\.2, but for DNS:localhost/);
  });

  it.each([
    ['ahead', 86_400_000],
    ['behind', -400 * 86_400_000],
  ])('because its clock is %s', async (_, byMs) => {
    const hub = await fleet({ clock: manualClock(Date.now() + byMs) });
    const failure = await failureOf(await hub.joinLine({ clusterName: nameOf('eu-1') }));
    expect(failure).toMatchObject({ code: 'CLOCK_SKEW', retry: 'backoff' });
    expect(failure.message).toMatch(/valid from .* to .*, and this machine's clock says .*: set the clock/);
    // The token is not used up: with the clocks set, the same line works.
    expect(await hub.clusters.list(never)).toEqual([]);
  });

  it('because the line was cut: said without the secret', async () => {
    const hub = await fleet();
    const line = await hub.joinLine();
    const failure = await failureOf(line.slice(0, -5));
    expect(failure).toMatchObject({ code: 'JOIN_LINE', retry: 'never' });
    expect(failure.message).not.toContain(line.split('.')[2]);
  });
});
