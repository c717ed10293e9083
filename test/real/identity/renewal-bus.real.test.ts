import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  enrol,
  identityKeeperOf,
  openFolderStore,
  type Renewal,
  startRenewal,
} from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity, StateStore } from '@flotilla/agent/ports';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import { connectBus } from '@flotilla/shared/kit/nats';
import { inboxPrefix, statusSubject } from '@flotilla/shared/model';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  nameOf,
  never,
  startTestBus,
  startTestFleet,
  type TestFleet,
  type TestFleetOptions,
} from './index.ts';

// Lives of a few seconds on the real clock: what takes half a week takes two seconds here.
const deadlineMs = 40_000;
const stack: AsyncDisposable[] = [];
let folder: string;
let store: StateStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-renew-'));
  store = await openFolderStore(folder);
});
afterEach(async () => {
  for (const one of stack.splice(0).reverse()) await one[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMs);
  while (!(await isTrue())) await systemClock().sleep(20, signal);
}

async function joined(
  options: TestFleetOptions,
): Promise<{ readonly hub: TestFleet; readonly identity: AgentIdentity }> {
  const hub = await startTestFleet(options);
  stack.push(hub);
  const joinLine = await hub.joinLine({ clusterName: nameOf('eu-1') });
  const identity = await enrol({ joinLine, store, kubeSystemUid: '', agentVersion: '0.1.0' }, never);
  return { hub, identity };
}

/** Starts the renewal loop with the production link; stopped at the end of the test. */
function renewing(identity: AgentIdentity): Renewal {
  const stopping = new AbortController();
  const renewal: Renewal = startRenewal(
    {
      identity,
      keeper: identityKeeperOf(store),
      hub: hubLinkOf({ identity: () => renewal.identity() }),
      store,
      clock: systemClock(),
      random: cryptoRandom(),
      log: silentLogger,
    },
    stopping.signal,
  );
  stack.push({
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await renewal.ended;
    },
  });
  return renewal;
}

describe('an agent whose bus credential lives for seconds', () => {
  it('publishes on, because it dials with the newest one when the server cuts the old', async () => {
    await using bus = await startTestBus({ natsUserMs: 5_000 });
    const fleetClient = await bus.connectHub('FLEET');
    const streams = await jetstreamManager(fleetClient);
    await streams.streams.add({
      name: 'FLOTILLA_STATUS',
      subjects: ['flotilla.status.*'],
      max_msgs_per_subject: 1,
      no_ack: true,
    });
    const { identity } = await joined({ identity: bus.identity, natsUrls: [bus.server.url] });
    const renewal = renewing(identity);
    await using mine = await connectBus(
      {
        name: 'agent',
        servers: () => renewal.identity().natsUrls,
        credentials: () => {
          const { natsUserJwt: jwt, natsSeed: seed } = renewal.identity();
          return { kind: 'jwt', jwt, seed };
        },
        caPem: () => renewal.identity().caBundlePem,
        inboxPrefix: inboxPrefix(identity.clusterUid),
        backoff: { baseMs: 20, capMs: 200 },
        versionMin: '2.12.0',
        pingMs: 1_000,
        random: cryptoRandom(),
        log: silentLogger,
      },
      AbortSignal.timeout(deadlineMs),
    );
    let cuts = 0;
    mine.onConnection((isConnected) => {
      if (!isConnected) cuts += 1;
    });

    // The server cuts each connection when its credential ends.
    await until(() => cuts >= 2 && mine.isConnected);

    const subject = statusSubject(identity.clusterUid);
    await until(async () => {
      if (mine.isConnected) mine.publish(subject, 'still here');
      const last = await streams.streams
        .getMessage('FLOTILLA_STATUS', { last_by_subj: subject })
        .catch(() => undefined);
      return last?.string() === 'still here';
    });
    expect(renewal.problem()).toBeUndefined();
    expect(renewal.identity().natsUserJwt).not.toBe(identity.natsUserJwt);
  });
});
