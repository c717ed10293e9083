import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  identityKeeperOf,
  newPrivateKeyPem,
  type Renewal,
  signingRequestFor,
  startRenewal,
} from '@flotilla/agent/identity';
import type { AgentIdentity, RenewalRequest } from '@flotilla/agent/ports';
import { type HubIdentity, openIdentity } from '@flotilla/hub/identity';
import { FlotillaError, seededRandom } from '@flotilla/shared/base';
import { certificatesPem, createMetrics, createNkey, silentLogger, validityOf } from '@flotilla/shared/kit';
import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MemoryStateStore, memoryStateStore } from '../../fakes/state-store.ts';
import { nameOf, newUid } from './index.ts';

const hourMs = 3_600_000;
const uid = newUid();

let dataDir: string;
let clock: ManualClock;
let hub: HubIdentity;
let store: MemoryStateStore;
let asked: RenewalRequest[];
/** What the hub does with the next calls; empty = it answers. */
let troubles: FlotillaError[];
let stopping: AbortController;
let renewal: Renewal;
/** How far the hub's clock is ahead of the agent's. */
let hubSkewMs: number;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'flotilla-renewal-'));
  clock = manualClock(Date.UTC(2026, 5, 1));
  hubSkewMs = 0;
  const hubClock = { ...clock, wallMs: () => clock.wallMs() + hubSkewMs };
  hub = await openIdentity({ dataDir, trustDomain: 'flotilla', serverNames: [], clock: hubClock });
  store = memoryStateStore();
  asked = [];
  troubles = [];
  stopping = new AbortController();
});
afterEach(async () => {
  stopping.abort();
  await renewal.ended;
  await rm(dataDir, { recursive: true });
});

async function answerTo(request: RenewalRequest, current: AgentIdentity): Promise<AgentIdentity> {
  const chain = await hub.signer.issueAgentCertificate(uid, request.csrDer);
  return {
    ...current,
    certificateChainPem: certificatesPem(chain),
    caBundlePem: certificatesPem(hub.signer.caBundle),
    natsUserJwt: hub.signer.natsUserJwt(uid, request.natsUserKey),
  };
}

async function firstIdentity(): Promise<AgentIdentity> {
  const [privateKeyPem, nats] = [newPrivateKeyPem(), createNkey('user')];
  const blank: AgentIdentity = {
    hubId: hub.hubId,
    clusterUid: uid,
    clusterName: nameOf('eu-1'),
    agentsAddress: 'localhost:1',
    privateKeyPem,
    certificateChainPem: '',
    caBundlePem: '',
    natsSeed: nats.seed,
    natsUserJwt: '',
    natsUrls: [],
  };
  return answerTo({ csrDer: signingRequestFor(privateKeyPem), natsUserKey: nats.publicKey }, blank);
}

/** Starts the loop; `spoil` may change the hub's answer. */
async function start(
  spoil: (answer: AgentIdentity) => AgentIdentity = (answer) => answer,
): Promise<AgentIdentity> {
  const identity = await firstIdentity();
  renewal = startRenewal(
    {
      identity,
      keeper: identityKeeperOf(store),
      hub: {
        async renew(request) {
          asked.push(request);
          const trouble = troubles.shift();
          if (trouble !== undefined) throw trouble;
          return spoil(await answerTo(request, renewal.identity()));
        },
      },
      store,
      clock,
      random: seededRandom(7),
      log: silentLogger,
    },
    stopping.signal,
  );
  return identity;
}

/** Moves time in small steps, because a renewal itself takes real time. */
async function pass(ms: number, steps = 20): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    await clock.advance(ms / steps);
    await clock.sleepers(1);
  }
}

const away = () => new FlotillaError('the hub is away', { code: 'UNAVAILABLE', retry: 'backoff' });

describe('the renewal loop', () => {
  it('asks at half of the shorter life, ± 10 %, and not before', async () => {
    const identity = await start();
    await pass(0.4 * 24 * hourMs - 60_000);
    expect(asked).toHaveLength(0);
    await pass(0.2 * 24 * hourMs + 120_000);
    expect(asked).toHaveLength(1);
    await expect.poll(() => renewal.identity().privateKeyPem).not.toBe(identity.privateKeyPem);
    expect(validityOf(renewal.identity().certificateChainPem).notAfterMs).toBeGreaterThan(
      validityOf(identity.certificateChainPem).notAfterMs,
    );
  });

  it('has the new keys durable before it asks, and asks again for the same ones', async () => {
    await start();
    troubles = [away(), away()];
    await pass(15 * hourMs);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(new Set(asked.slice(0, 3).map(({ natsUserKey }) => natsUserKey)).size).toBe(1);
    expect(renewal.problem()).toBeUndefined();
  });

  it('keeps the identity of now while the hub is away, says why, and takes the new one when it is back', async () => {
    const identity = await start();
    troubles = Array(10_000).fill(away());
    await pass(20 * hourMs);
    expect(renewal.identity()).toBe(identity);
    expect(renewal.problem()).toBe('the hub is away');
    // Not hammered: at most a try in about five minutes, after the first few.
    expect(asked.length).toBeLessThan(150);
    troubles = [];
    await pass(hourMs);
    await expect.poll(() => renewal.identity()).not.toBe(identity);
    expect(renewal.problem()).toBeUndefined();
  });

  it('notices that wall time jumped, as on a laptop that slept', async () => {
    await start();
    await clock.sleepers(1);
    clock.jumpWall(20 * hourMs);
    await pass(660_000);
    expect(asked).toHaveLength(1);
  });

  it('does not hammer the hub when this clock runs far ahead of it', async () => {
    await start();
    // Each new identity is past its half at once.
    hubSkewMs = -20 * hourMs;
    await pass(24 * hourMs, 200);
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.length).toBeLessThan(25);
  });

  it.each([
    [
      'a certificate over another key',
      async () => (await firstIdentity()).certificateChainPem,
      'certificateChainPem',
    ],
    ['roots that did not issue it', async () => await otherCa(), 'caBundlePem'],
    ['a bus credential for another key', async () => (await firstIdentity()).natsUserJwt, 'natsUserJwt'],
  ] as const)('does not give up a working identity for %s', async (_, make, field) => {
    const wrong = await make();
    const identity = await start((answer) => ({ ...answer, [field]: wrong }));
    await pass(15 * hourMs);
    expect(asked.length).toBeGreaterThan(0);
    await expect.poll(() => renewal.problem()).toMatch(/the hub's answer cannot be used/);
    expect(renewal.identity()).toBe(identity);
    expect(store.peek('identity')).toBeUndefined();
  });

  it('tells when the identity ends, as a metric', async () => {
    const metrics = createMetrics();
    const identity = await firstIdentity();
    renewal = startRenewal(
      {
        identity,
        keeper: identityKeeperOf(store),
        hub: { renew: () => Promise.reject(away()) },
        store,
        clock,
        random: seededRandom(1),
        log: silentLogger,
        metrics,
      },
      stopping.signal,
    );
    const endS = Math.floor(clock.wallMs() / 1_000) + 86_400;
    expect(await metrics.render()).toContain(`flotilla_agent_identity_expires_seconds ${endS}`);
  });
});

async function otherCa(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-renewal-'));
  const other = await openIdentity({ dataDir: folder, trustDomain: 'flotilla', serverNames: [], clock });
  await rm(folder, { recursive: true });
  return certificatesPem(other.signer.caBundle);
}
