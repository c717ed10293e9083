import { type ClusterUid, limits } from '@flotilla/shared/base';
import type { LogFields } from '@flotilla/shared/kit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimKey, tokenKey } from '../../core/enrol/index.ts';
import type { EnrolmentSigner } from '../../enrolment-port.ts';
import {
  callOf,
  type EnrolWorld,
  enrolledIn,
  enrolWorld,
  nameOf,
  quickSigner,
  type Token,
  tokenFor,
} from './enrol-world-fixture.ts';
import { findRegistered, PeerJudge, removeRegistration, sweepEnrolment } from './index.ts';

const never = new AbortController().signal;
const dayMs = 86_400_000;

let signer: EnrolmentSigner;
let world: EnrolWorld;
let warnings: string[];

beforeAll(async () => {
  signer = await quickSigner();
});
beforeEach(() => {
  world = enrolWorld(signer);
  warnings = [];
});

function remove(uid: ClusterUid) {
  const warn = (message: string, fields?: LogFields): void => {
    warnings.push(`${message}: ${fields?.reason}`);
  };
  return removeRegistration({ ...world.deps, log: { ...world.deps.log, warn } }, uid, never);
}

const askAgain = (token: Token, wishedName = 'eu-1') =>
  world.enrol(callOf(token, 'key', { wishedName }), never);
const withdrawn = { ok: false, error: { code: 'TOKEN_WITHDRAWN' } };

/** A token whose hub bound it to a new cluster, took the name, and died before the cluster was registered. */
async function boundToken(): Promise<Token> {
  const token = await tokenFor(world);
  const { put } = world.clusters;
  world.clusters.put = () => Promise.reject(new Error('died'));
  await expect(askAgain(token)).rejects.toThrow('died');
  world.clusters.put = put;
  return token;
}

describe('removing a cluster', () => {
  it('takes registration and name away, and its token brings nothing back', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const { clusterUid } = await enrolledIn(world, { token, key: 'key' });

    expect(await remove(clusterUid)).toMatchObject({ name: 'eu-1' });

    expect(await findRegistered(world.deps, nameOf('eu-1'), never)).toBeUndefined();
    expect(await askAgain(token)).toMatchObject(withdrawn);
    expect(await remove(clusterUid)).toBeUndefined();
    const next = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const fresh = await enrolledIn(world, { token: next, key: 'key' });
    expect(fresh.clusterUid).not.toBe(clusterUid);
  });

  it('leaves the name to whoever has it by now', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const { clusterUid } = await enrolledIn(world, { token, key: 'key' });
    const claim = (await world.tokens.get(claimKey(nameOf('eu-1')), never))!;
    const others = { ...Object(claim.value), uid: 'b'.repeat(26) };
    await world.tokens.put(claim.key, others, claim.revision, never);
    await remove(clusterUid);
    expect((await world.tokens.get(claim.key, never))?.value).toEqual(others);
  });

  it('withdraws a token on its record also when the token itself does not name it', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const { clusterUid } = await enrolledIn(world, { token, key: 'key' });
    const stored = (await world.tokens.get(tokenKey(token.id), never))!;
    const { redemption: _, ...unbound } = Object(stored.value);
    await world.tokens.put(stored.key, unbound, stored.revision, never);
    await remove(clusterUid);
    expect((await world.tokens.get(stored.key, never))?.value).toMatchObject({ isWithdrawn: true });
  });

  it('leaves the mark of it, which is no cluster for anybody who reads the fleet', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const { clusterUid } = await enrolledIn(world, { token, key: 'key' });
    await remove(clusterUid);
    const mark = (await world.clusters.get(clusterUid, never))?.value;
    expect(new PeerJudge().readRegistration(clusterUid, mark)).toBeUndefined();
    const damaged = { ...Object(mark), removedAtMs: 'today' };
    expect(() => new PeerJudge().readRegistration(clusterUid, damaged)).toThrow(
      'removedAtMs is not a whole number',
    );
    const newer = { ...Object(mark), format: 3 };
    expect(() => new PeerJudge().readRegistration(clusterUid, newer)).toThrow('has format 3');
  });

  it('withdraws also a token that was bound to it and never came onto its record', async () => {
    const lost = await boundToken();
    const second = await tokenFor(world);
    const { clusterUid } = await enrolledIn(world, {
      token: second,
      key: 'key',
      change: { wishedName: 'eu-1' },
    });
    await remove(clusterUid);
    expect((await world.tokens.get(tokenKey(lost.id), never))?.value).toMatchObject({ isWithdrawn: true });
    for (const wish of ['eu-1', 'eu-2']) expect(await askAgain(lost, wish)).toMatchObject(withdrawn);
  });

  it('is not undone by a hub that read the records before it and writes after it', async () => {
    const lost = await boundToken();
    const late = await tokenFor(world);
    const { put } = world.tokens;
    let removedUid: ClusterUid | undefined;
    world.tokens.put = async (...args) => {
      world.tokens.put = put;
      const joined = await enrolledIn(world, { token: lost, key: 'key', change: { wishedName: 'eu-1' } });
      removedUid = (await remove(joined.clusterUid))?.uid;
      return put(...args);
    };
    expect(await askAgain(late)).toMatchObject(withdrawn);
    expect(removedUid).toBeDefined();
    expect(await findRegistered(world.deps, nameOf('eu-1'), never)).toBeUndefined();
  });

  it('is not stopped by a token record that cannot be read, which is left as it is and said', async () => {
    const lost = await boundToken();
    const { clusterUid } = await enrolledIn(world, {
      token: lost,
      key: 'key',
      change: { wishedName: 'eu-1' },
    });
    const good = (await world.tokens.get(tokenKey(lost.id), never))!;
    const damaged = { ...Object(good.value), expiresAtMs: 'soon' };
    await world.tokens.put(good.key, damaged, good.revision, never);

    expect(await remove(clusterUid)).toMatchObject({ name: 'eu-1' });

    expect(warnings).toEqual([
      `a join token cannot be read, and is left as it is: ${good.key}: a join token record: expiresAtMs is not a whole number`,
    ]);
    const left = (await world.tokens.get(good.key, never))!;
    expect(left.value).toEqual(damaged);
    // Mended by somebody, it is refused all the same.
    await world.tokens.put(good.key, good.value, left.revision, never);
    expect(await askAgain(lost)).toMatchObject(withdrawn);
  });

  it('leaves its mark until no token can lead to it any more', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const { clusterUid } = await enrolledIn(world, { token, key: 'key' });
    await remove(clusterUid);
    await world.clock.advance(limits.joinTokenLifeMsMax);
    await sweepEnrolment(world.deps, never);
    expect(await world.clusters.list(never)).toHaveLength(1);
    await world.clock.advance(8 * dayMs);
    await sweepEnrolment(world.deps, never);
    expect(await world.clusters.list(never)).toEqual([]);
  });
});
