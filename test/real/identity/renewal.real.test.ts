import { join } from 'node:path';
import {
  enrol,
  identityKeeperOf,
  openFolderStore,
  readIdentity,
  startRenewal,
} from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity, StateStore } from '@flotilla/agent/ports';
import { removeRegistration } from '@flotilla/hub/identity';
import { cryptoRandom, publicKeyPin, silentLogger, systemClock, validityOf } from '@flotilla/shared/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dyingStore, never, openRenewingAgent, type RenewingAgent, until } from './index.ts';

let agent: RenewingAgent;

beforeEach(async () => {
  agent = await openRenewingAgent();
});
afterEach(() => agent[Symbol.asyncDispose]());

describe('an agent whose certificate lives for seconds', () => {
  it('stays a member far beyond its first certificate, and an open stream is not cut for it', async () => {
    const { hub, identity } = await agent.joined({ agentCertificateMs: 6_000, natsUserMs: 86_400_000 });
    const renewal = agent.renewing(identity);
    const link = hubLinkOf({ identity: () => renewal.identity() });
    const stream = await link.open(never);
    const endsMs = validityOf(identity.certificateChainPem).notAfterMs;
    let isCut = false;
    const reading = (async () => {
      for await (const _ of stream.frames);
      isCut = true;
    })().catch(() => {
      isCut = true;
    });

    await until(() => Date.now() > endsMs + 1_000);

    expect(isCut).toBe(false);
    expect(renewal.problem()).toBeUndefined();
    const now = renewal.identity();
    expect(now.clusterUid).toBe(identity.clusterUid);
    expect(now.privateKeyPem).not.toBe(identity.privateKeyPem);
    expect(validityOf(now.certificateChainPem).notAfterMs).toBeGreaterThan(Date.now());
    expect(await readIdentity(agent.store, never)).toEqual(now);
    // The next renewal may have begun by now: what it keeps goes when it is through.
    await expect.poll(() => agent.store.read('identity-renewal', never), { timeout: 10_000 }).toBeUndefined();
    // The next stream comes with the new certificate; the old one would be refused.
    const next = await link.open(never);
    await until(() => hub.streams.length === 2);
    expect(hub.streams.map(({ peer }) => peer)).toEqual([identity.clusterUid, identity.clusterUid]);
    await expect(hubLinkOf({ identity: () => identity }).open(never)).rejects.toMatchObject({
      retry: 'backoff',
    });
    next.close();
    stream.close();
    await reading;
  });

  it('goes on from its newest identity when it is started again', async () => {
    const { identity } = await agent.joined({ agentCertificateMs: 6_000, natsUserMs: 86_400_000 });
    const stopping = new AbortController();
    const first = startRenewal(
      {
        identity,
        keeper: identityKeeperOf(agent.store),
        hub: hubLinkOf({ identity: () => first.identity() }),
        store: agent.store,
        clock: systemClock(),
        random: cryptoRandom(),
        log: silentLogger,
      },
      stopping.signal,
    );
    const renewed = new Promise<AgentIdentity>((resolve) => first.onRenewed(resolve));
    const newest = await renewed;
    stopping.abort();
    await first.ended;

    const kept = await readIdentity(agent.store, never);
    expect(kept).toEqual(newest);
    const second = agent.renewing(kept!);
    await until(() => second.identity().certificateChainPem !== newest.certificateChainPem);
  });

  it('that died at any change of its store goes on as the same cluster, with every key on record', async () => {
    const { hub } = await agent.joined({ agentCertificateMs: 600_000, natsUserMs: 86_400_000 });
    for (const at of [1, 2, 3]) {
      for (const isAfter of [false, true]) {
        const own = await openFolderStore(join(agent.folder, `${at}-${isAfter}`));
        const joinLine = await hub.joinLine();
        const wishedName = `eu-${at}-${isAfter}`;
        const identity = await enrol(
          { joinLine, store: own, wishedName, kubeSystemUid: '', agentVersion: '0.1.0' },
          never,
        );
        const dying = dyingStore(own, at, isAfter);
        await expect(renewNow(identity, dying)).rejects.toThrow('died');
        const pending = await own.read('identity-renewal', never);

        const kept = (await readIdentity(own, never))!;
        const renewed = await renewNow(kept, own);

        expect(renewed.clusterUid).toBe(identity.clusterUid);
        expect(await readIdentity(own, never)).toEqual(renewed);
        // Keys that were durable before the death are the ones that are asked for again.
        if (pending !== undefined && kept.privateKeyPem === identity.privateKeyPem) {
          expect(Object(pending).privateKeyPem).toBe(renewed.privateKeyPem);
        }
        const record = Object((await hub.clusters.get(identity.clusterUid, never))?.value);
        const known = record.certificates.map(({ keyHash }: { keyHash: string }) => keyHash);
        expect(known).toContain(publicKeyPin(renewed.certificateChainPem));
      }
    }
  });

  it('that was removed is refused, says so, and keeps what it has', async () => {
    const { hub, identity } = await agent.joined({ agentCertificateMs: 600_000, natsUserMs: 86_400_000 });
    await removeRegistration(hub.deps, identity.clusterUid, never);
    const problem = await renewNow(identity, agent.store).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'NOT_REGISTERED', retry: 'never' });
    expect(await readIdentity(agent.store, never)).toEqual(identity);
  });
});

/** Runs the loop on a clock at which the renewal is due, until its first outcome. */
async function renewNow(identity: AgentIdentity, at: StateStore): Promise<AgentIdentity> {
  const stopping = new AbortController();
  const { notBeforeMs, notAfterMs } = validityOf(identity.certificateChainPem);
  const due = { ...systemClock(), wallMs: () => notBeforeMs + 0.7 * (notAfterMs - notBeforeMs) };
  const outcome = Promise.withResolvers<AgentIdentity>();
  const link = hubLinkOf({ identity: () => identity });
  const renewal = startRenewal(
    {
      identity,
      keeper: identityKeeperOf(at),
      hub: link,
      store: at,
      clock: due,
      random: cryptoRandom(),
      log: { ...silentLogger, warn: failed, error: failed },
    },
    stopping.signal,
  );
  function failed(_: string, fields?: { readonly error?: unknown }): void {
    outcome.reject(fields?.error);
  }
  renewal.onRenewed(outcome.resolve);
  try {
    return await outcome.promise;
  } finally {
    stopping.abort();
    await renewal.ended;
  }
}
