import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import type { EnrolHandler } from '@flotilla/hub/identity';
import { FlotillaError, isAbort } from '@flotilla/shared/base';
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

const run = promisify(execFile);
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
    const joined = await enrol({ ...joinOptions(await hub.joinLine(), store), wishedName: 'mine' }, never);
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
    const silent = await ports.listen(createTcpServer(() => {}));
    const hub = await fleet();
    const stop = new AbortController();
    const joining = joinBy(await hub.joinLine({}, `localhost:${silent}`), store, stop.signal);
    stop.abort();
    expect(await joining.catch((error: unknown) => isAbort(error))).toBe(true);
  });
});

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
    const other = { ...joinOptions(await hub.joinLine(), memoryStateStore()), wishedName: 'eu-1' };
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
    const port = await ports.forward(hub.enrolPort, '127.0.0.1', (kill) => cuts.push(kill));
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
    const joined = await enrol({ ...joinOptions(await hub.joinLine(), store), wishedName: 'eu-1' }, never);
    expect((await hub.clusters.list(never)).map(({ key }) => key)).toEqual([joined.clusterUid]);
  });
});
