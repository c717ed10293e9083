import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import {
  checkIdentity,
  enrol,
  isJoinedBy,
  newPrivateKeyPem,
  openFolderStore,
  readIdentity,
  signingRequestFor,
} from '@flotilla/agent/identity';
import type { StateStore } from '@flotilla/agent/ports';
import { type EnrolHandler, openIdentity } from '@flotilla/hub/identity';
import { isAbort, parseClusterName } from '@flotilla/shared/base';
import { certificatesPem, systemClock } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStateStore } from '../../fakes/state-store.ts';
import { startTestFleet, type TestFleet, type TestFleetOptions } from './fleet.ts';

const never = new AbortController().signal;
const run = promisify(execFile);
const stack: AsyncDisposable[] = [];
const servers: Server[] = [];
let folder: string;
let store: StateStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-join-'));
  store = await openFolderStore(join(folder, 'records'));
});
afterEach(async () => {
  for (const one of stack.splice(0).reverse()) await one[Symbol.asyncDispose]();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function fleet(options: TestFleetOptions = {}): Promise<TestFleet> {
  const started = await startTestFleet(options);
  stack.push(started);
  return started;
}

function nameOf(text: string) {
  const parsed = parseClusterName(text);
  return parsed.ok ? parsed.value : expect.fail(parsed.error);
}

const options = (joinLine: string, at: StateStore = store) => ({
  joinLine,
  store: at,
  kubeSystemUid: 'kube-system-uid',
  agentVersion: '0.1.0',
});
const joinBy = (joinLine: string, at?: StateStore, signal = never) => enrol(options(joinLine, at), signal);

async function failureOf(
  joinLine: string,
  at?: StateStore,
): Promise<Error & { code: string; retry: string }> {
  const failure = await joinBy(joinLine, at).then(
    () => expect.fail('it joined'),
    (error: unknown) => error,
  );
  return failure as Error & { code: string; retry: string };
}

/** Listens on a free loopback port and closes at the end of the test. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('joining', () => {
  it('gives an identity that is kept, and is what the token says', async () => {
    const hub = await fleet();
    const joined = await joinBy(await hub.joinLine({ clusterName: nameOf('eu-1'), labels: { env: 'prod' } }));

    expect(joined).toMatchObject({
      hubId: hub.identity.hubId,
      clusterName: 'eu-1',
      agentsAddress: `localhost:${hub.agentsPort}`,
      natsUrls: ['tls://localhost:4222'],
    });
    expect(() => checkIdentity(joined, Date.now())).not.toThrow();
    expect(await readIdentity(store, never)).toEqual(joined);
    expect(await store.read('identity-pending', never)).toBeUndefined();
    const [entry] = await hub.clusters.list(never);
    expect(entry).toMatchObject({
      key: joined.clusterUid,
      value: {
        name: 'eu-1',
        labels: { env: 'prod' },
        kubeSystemUid: 'kube-system-uid',
        agentVersion: '0.1.0',
      },
    });
  });

  it('works by IP address, when the hub is known by it', async () => {
    const hub = await fleet();
    const line = await hub.joinLine({ clusterName: nameOf('eu-1') }, `127.0.0.1:${hub.enrolPort}`);
    expect((await joinBy(line)).clusterName).toBe('eu-1');
  });

  it('takes the wished name when the token leaves it open', async () => {
    const hub = await fleet();
    const joined = await enrol({ ...options(await hub.joinLine()), wishedName: 'mine' }, never);
    expect(joined.clusterName).toBe('mine');
  });

  it('knows at the next start whether the same line is given again', async () => {
    const hub = await fleet();
    const line = await hub.joinLine({ clusterName: nameOf('eu-1') });
    await joinBy(line);
    expect(await isJoinedBy(store, line, never)).toBe(true);
    expect(await isJoinedBy(store, await hub.joinLine(), never)).toBe(false);
  });

  it('asks with a request that openssl reads as strict DER', async () => {
    const request = join(folder, 'request.der');
    await writeFile(request, signingRequestFor(newPrivateKeyPem()));
    const { stderr } = await run('openssl', ['req', '-inform', 'DER', '-in', request, '-noout', '-verify']);
    expect(stderr).toContain('verify OK');
    const again = join(folder, 'again.der');
    await run('openssl', ['req', '-inform', 'DER', '-in', request, '-outform', 'DER', '-out', again]);
    expect((await run('cmp', [request, again])).stdout).toBe('');
  });

  it('is called off at once', async () => {
    const silent = await listen(createTcpServer(() => {}));
    const hub = await fleet();
    const stop = new AbortController();
    const joining = joinBy(await hub.joinLine({}, `localhost:${silent}`), store, stop.signal);
    stop.abort();
    expect(await joining.catch((error: unknown) => isAbort(error))).toBe(true);
  });
});

describe('a person in the middle', () => {
  /** A TLS server that shows what it is given, and everything that it was sent inside TLS. */
  async function impostor(material: { readonly cert: string; readonly key: string }) {
    const heard: Buffer[] = [];
    const server = createTlsServer({ ...material, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('data', (data) => heard.push(data));
      socket.on('error', () => {});
    });
    server.on('tlsClientError', () => {});
    return { port: await listen(server), heard };
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
    expect((await enrol({ ...options(mixed), skipsPin: true }, never)).clusterName).toBe('eu-1');
  });
});

describe('a hub that cannot be joined', () => {
  it('because nobody listens: one clear line, and it is tried again', async () => {
    const hub = await fleet();
    const closed = createTcpServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    servers.splice(0);
    const failure = await failureOf(await hub.joinLine({}, `127.0.0.1:${port}`));
    expect(failure).toMatchObject({ code: 'HUB_UNREACHABLE', retry: 'backoff' });
    expect(failure.message).toContain(`127.0.0.1:${port}`);
  });

  it('because the port speaks something else', async () => {
    const hub = await fleet();
    const port = await listen(
      createTcpServer((socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const failure = await failureOf(await hub.joinLine({}, `127.0.0.1:${port}`));
    expect(failure).toMatchObject({ code: 'NOT_TLS', retry: 'never' });
    expect(failure.message).toContain('does not speak TLS');
  });

  it('because its certificate is for other names', async () => {
    const hub = await fleet();
    const forward = await proxy(hub.enrolPort, '127.0.0.2');
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

/** A TCP proxy to the hub. `spoil` may cut a connection. */
async function proxy(
  target: number,
  host: string,
  spoil: (chunk: Buffer, kill: () => void) => void = () => {},
): Promise<number> {
  const { connect } = await import('node:net');
  const server = createTcpServer((down) => {
    const up = connect(target, '127.0.0.1');
    const kill = () => {
      down.destroy();
      up.destroy();
    };
    down.on('error', kill).on('close', kill);
    up.on('error', kill).on('close', kill);
    down.on('data', (chunk) => up.write(chunk));
    up.on('data', (chunk) => {
      spoil(chunk, kill);
      if (!down.destroyed) down.write(chunk);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

describe('a token', () => {
  it('is refused the second time with another key, and the hub is alarmed', async () => {
    const hub = await fleet();
    const line = await hub.joinLine({ clusterName: nameOf('eu-1') });
    const first = await joinBy(line);
    const failure = await failureOf(line, memoryStateStore());
    expect(failure).toMatchObject({ code: 'TOKEN_USED', retry: 'never' });
    expect(failure.message).toMatch(/was used .* ago for cluster eu-1 with key .*, and now with key/);
    expect(hub.alarms).toHaveLength(1);
    expect(hub.alarms[0]?.remoteAddress).toContain('127.0.0.1');
    expect((await hub.clusters.list(never)).map(({ key }) => key)).toEqual([first.clusterUid]);
  });

  it('that expired, or that never was, is said so', async () => {
    const clock = manualClock(Date.now());
    const hub = await fleet({ clock });
    const line = await hub.joinLine({ lifeMs: 1_000 });
    await clock.advance(1_000);
    expect(await failureOf(line)).toMatchObject({ code: 'TOKEN_EXPIRED', retry: 'never' });
    const unknown = line.replace(/flt1\.[a-z2-7]{26}/, `flt1.${'a'.repeat(26)}`);
    expect(await failureOf(unknown)).toMatchObject({ code: 'TOKEN_UNKNOWN', retry: 'never' });
  });

  it('for a name that is taken says what to do', async () => {
    const hub = await fleet();
    await joinBy(await hub.joinLine({ clusterName: nameOf('eu-1') }));
    const other = { ...options(await hub.joinLine(), memoryStateStore()), wishedName: 'eu-1' };
    await expect(enrol(other, never)).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      message: expect.stringContaining('flotilla cluster remove eu-1'),
    });
  });

  it('whose answer was lost is answered again for the same key', async () => {
    let answered = 0;
    // The hub dies for the caller at the moment when it has done everything.
    const around =
      (handler: EnrolHandler): EnrolHandler =>
      async (call, signal) => {
        const answer = await handler(call, signal);
        answered += 1;
        if (answered === 1) for (const cut of cuts) cut();
        return answer;
      };
    const cuts: (() => void)[] = [];
    const hub = await fleet({ around });
    const port = await proxy(hub.enrolPort, '127.0.0.1', (_, kill) => cuts.push(kill));
    const line = await hub.joinLine({ clusterName: nameOf('eu-1') }, `127.0.0.1:${port}`);

    const failure = await failureOf(line);
    expect(failure).toMatchObject({ retry: 'backoff' });
    const [entry] = await hub.clusters.list(never);
    const joined = await joinBy(line);

    expect(answered).toBe(2);
    expect(joined.clusterUid).toBe(entry?.key);
    expect(hub.alarms).toEqual([]);
  });

  it('keeps its key when the first one ended before an answer came, so that the name is not lost', async () => {
    const clock = manualClock(Date.now());
    let isLost = true;
    const around =
      (handler: EnrolHandler): EnrolHandler =>
      async (call, signal) => {
        const answer = await handler(call, signal);
        if (isLost) throw new Error('the process died');
        return answer;
      };
    const hub = await fleet({ around, clock });
    await failureOf(await hub.joinLine({ clusterName: nameOf('eu-1'), lifeMs: 1_000 }));
    isLost = false;
    await clock.advance(2_000);
    const joined = await enrol({ ...options(await hub.joinLine()), wishedName: 'eu-1' }, never);
    expect((await hub.clusters.list(never)).map(({ key }) => key)).toEqual([joined.clusterUid]);
  });
});

describe('an agent that dies', () => {
  class Crash extends Error {}

  /** The store of a process that dies before, or right after, its n-th change. */
  function dyingStore(inner: StateStore, at: number, isAfter: boolean): StateStore {
    let changes = 0;
    const dying = async (act: () => Promise<void>): Promise<void> => {
      changes += 1;
      if (changes === at && !isAfter) throw new Crash();
      await act();
      if (changes === at) throw new Crash();
    };
    return {
      damage: inner.damage,
      read: (key, signal) => inner.read(key, signal),
      list: (prefix, signal) => inner.list(prefix, signal),
      write: (key, value, signal) => dying(() => inner.write(key, value, signal)),
      remove: (key, signal) => dying(() => inner.remove(key, signal)),
    };
  }

  it('at any change of its store joins as the same cluster when it starts again', async () => {
    const hub = await fleet();
    let points = 0;
    for (let at = 1; ; at += 1) {
      for (const isAfter of [false, true]) {
        const inner = await openFolderStore(join(folder, `${at}-${isAfter}`));
        const line = await hub.joinLine({ clusterName: nameOf(`eu-${at}-${isAfter}`) });
        const died = await joinBy(line, dyingStore(inner, at, isAfter)).then(
          () => false,
          (error: unknown) => error instanceof Crash || expect.fail(String(error)),
        );
        const kept = await readIdentity(inner, never);
        const joined = kept ?? (await joinBy(line, inner));
        const records = (await hub.clusters.list(never)).filter(
          ({ value }) => Object(value).name === joined.clusterName,
        );
        expect(records.map(({ key }) => key)).toEqual([joined.clusterUid]);
        expect(() => checkIdentity(joined, Date.now())).not.toThrow();
        if (!died) {
          expect(points).toBe(8);
          expect(hub.alarms).toEqual([]);
          return;
        }
        points += 1;
      }
    }
  });
});

describe('a hub that dies', () => {
  /** Lets the process die before, or right after, its n-th write from now on. Returns the way back to life. */
  function dieAtWrite({ tokens, clusters }: TestFleet, at: number, isAfter: boolean): () => void {
    let writes = 0;
    const restores = [tokens, clusters].map((bucket) => {
      const { put } = bucket;
      bucket.put = async (...args) => {
        writes += 1;
        if (writes === at && !isAfter) throw new Error('died');
        const revision = await put(...args);
        if (writes === at) throw new Error('died');
        return revision;
      };
      return () => {
        bucket.put = put;
      };
    });
    return () => {
      for (const restore of restores) restore();
    };
  }

  it.each([
    ['before', false],
    ['after', true],
  ])('%s any write of its records joins the agent as one cluster when it is back', async (_, isAfter) => {
    const hub = await fleet();
    for (let at = 1; ; at += 1) {
      const name = nameOf(`eu-${at}`);
      const line = await hub.joinLine({ clusterName: name });
      const mine = memoryStateStore();
      const revive = dieAtWrite(hub, at, isAfter);
      const first = await joinBy(line, mine).catch((error: unknown) => error);
      revive();
      const joined = first instanceof Error ? await joinBy(line, mine) : await readIdentity(mine, never);
      const records = (await hub.clusters.list(never)).filter(({ value }) => Object(value).name === name);
      expect(records.map(({ key }) => key)).toEqual([joined?.clusterUid]);
      expect(hub.alarms).toEqual([]);
      if (!(first instanceof Error)) {
        // Token bound, name taken, cluster registered, name confirmed, token settled.
        expect(at).toBe(6);
        return;
      }
      expect(first).toMatchObject({ code: 'UNAVAILABLE', retry: 'backoff' });
    }
  });
});
