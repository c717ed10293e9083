import type { ClusterUid } from '@flotilla/shared/base';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EnrolCall, EnrolmentSigner } from '../../enrolment-port.ts';
import {
  callOf,
  type EnrolWorld,
  enrolledIn,
  enrolWorld,
  nameOf,
  quickSigner,
  registrationIn,
  type Token,
  tokenFor,
} from './enrol-world-fixture.ts';
import { PeerJudge, removeRegistration } from './index.ts';

const never = new AbortController().signal;
const hourMs = 3_600_000;

let signer: EnrolmentSigner;
let world: EnrolWorld;

beforeAll(async () => {
  signer = await quickSigner();
});
beforeEach(() => {
  world = enrolWorld(signer);
});

const enrolled = (token: Token, key: string, change: Partial<EnrolCall> = {}) =>
  enrolledIn(world, { token, key, change });
const recordOf = (uid: ClusterUid) => registrationIn(world, uid);

async function refusal(token: Token, key: string, change: Partial<EnrolCall> = {}) {
  const answer = await world.enrol(callOf(token, key, change), never);
  return answer.ok ? expect.fail('the call was answered') : answer.error;
}

describe('a token', () => {
  it('is kept as a hash only', async () => {
    const token = await tokenFor(world);
    const stored = JSON.stringify(await world.tokens.list(never));
    expect(stored).toContain(token.id);
    expect(stored).not.toContain(token.secret);
  });

  it('makes a cluster with the name and labels that it fixes', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1'), labels: { env: 'prod' } });
    const answer = await enrolled(token, 'key', { wishedName: 'something-else', kubeSystemUid: 'k\u0007s' });

    expect(answer).toMatchObject({
      clusterName: 'eu-1',
      agentsAddress: 'hub.example:7443',
      natsUrls: ['tls://hub.example:4222'],
    });
    const record = await recordOf(answer.clusterUid);
    expect(record).toMatchObject({ name: 'eu-1', labels: { env: 'prod' }, kubeSystemUid: 'ks', taints: [] });
    expect(record.certificates).toHaveLength(1);
    expect(
      new PeerJudge().readRegistration(
        answer.clusterUid,
        (await world.clusters.get(answer.clusterUid, never))?.value,
      ),
    ).toEqual({
      uid: answer.clusterUid,
      name: 'eu-1',
      labels: { env: 'prod' },
      taints: [],
      isCordoned: false,
      registeredAtMs: world.clock.wallMs(),
    });
  });

  it('that fixes no name takes the one the agent wishes, and needs one', async () => {
    const token = await tokenFor(world);
    expect(await refusal(token, 'key')).toMatchObject({ code: 'NAME_MISSING' });
    expect((await enrolled(token, 'key', { wishedName: 'mine' })).clusterName).toBe('mine');
  });

  it('gives the same answer again to the same key until its end, because the first may have been lost', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const first = await enrolled(token, 'key');
    await world.clock.advance(hourMs - 1);
    const second = await enrolled(token, 'key');
    expect(second.clusterUid).toBe(first.clusterUid);
    await world.clock.advance(1);
    expect(await refusal(token, 'key')).toMatchObject({
      code: 'TOKEN_EXPIRED',
      text: expect.stringContaining('make a new one with'),
    });
  });

  it('is refused with another key, names both keys, and raises an alarm', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    await enrolled(token, 'the-first-key');
    const { code, text } = await refusal(token, 'the-second-key', { remoteAddress: '203.0.113.9' });
    expect(code).toBe('TOKEN_USED');
    expect(text).toMatch(/the-first-key.*the-second-key/);
    expect(world.alarms).toEqual([
      { tokenId: token.id, clusterName: 'eu-1', remoteAddress: '203.0.113.9', text },
    ]);
  });

  it('raises the alarm also after its end', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    await enrolled(token, 'one');
    await world.clock.advance(2 * hourMs);
    expect(await refusal(token, 'two')).toMatchObject({ code: 'TOKEN_USED' });
    expect(world.alarms).toHaveLength(1);
  });

  it('with a wrong secret is as unknown as one that never was, and says nothing about the right one', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    await enrolled(token, 'key');
    const wrong = await refusal({ ...token, secret: 'x'.repeat(43) }, 'key');
    const never = await refusal({ ...token, id: 'z'.repeat(26) }, 'key');
    expect(wrong).toEqual(never);
    expect(wrong.code).toBe('TOKEN_UNKNOWN');
    expect(world.alarms).toEqual([]);
  });

  it('is not used up by a call that cannot be answered', async () => {
    const token = await tokenFor(world);
    expect(await refusal(token, 'a', { natsUserKey: 'UNSENSE' })).toMatchObject({
      code: 'REQUEST_INVALID',
      text: expect.stringContaining('nats_user_key'),
    });
    expect(await refusal(token, 'b', { wishedName: 'Not_A_Name' })).toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await enrolled(token, 'c', { wishedName: 'eu-1' });
  });
});

describe('a name', () => {
  it('that is registered is refused with what to do, and the token stays good', async () => {
    await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'one');
    const second = await tokenFor(world);
    const { code, text } = await refusal(second, 'two', { wishedName: 'eu-1' });
    expect(code).toBe('NAME_TAKEN');
    expect(text).toContain('flotilla cluster remove eu-1');
    expect((await enrolled(second, 'two', { wishedName: 'eu-2' })).clusterName).toBe('eu-2');
  });

  it('is refused when the token is made', async () => {
    await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'one');
    await expect(tokenFor(world, { clusterName: nameOf('eu-1') })).rejects.toThrow(
      /the name eu-1 belongs to/,
    );
  });

  it('goes to who holds the key of its cluster, whatever the token says', async () => {
    const first = await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'key');
    await world.clock.advance(2 * hourMs);
    const again = await enrolled(await tokenFor(world), 'key', { wishedName: 'eu-1' });
    expect(again.clusterUid).toBe(first.clusterUid);
  });

  it('is free again when the token that was about to take it ended first', async () => {
    const dying = await tokenFor(world, { lifeMs: 1_000 });
    // The hub dies right after the name was taken, so the cluster is never registered.
    const put = world.clusters.put;
    world.clusters.put = () => Promise.reject(new Error('the bus is away'));
    await expect(world.enrol(callOf(dying, 'one', { wishedName: 'eu-1' }), never)).rejects.toThrow('away');
    world.clusters.put = put;

    const other = await tokenFor(world);
    expect(await refusal(other, 'two', { wishedName: 'eu-1' })).toMatchObject({
      code: 'NAME_TAKEN',
      text: expect.stringContaining('is being given to another agent'),
    });
    await world.clock.advance(1_000);
    expect((await enrolled(other, 'two', { wishedName: 'eu-1' })).clusterName).toBe('eu-1');
  });
});

describe('joining again', () => {
  it('with a token made for the cluster keeps uid and labels, and shuts the old key out', async () => {
    const first = await enrolled(
      await tokenFor(world, { clusterName: nameOf('eu-1'), labels: { a: 'b' } }),
      'old',
    );
    const rejoin = await tokenFor(world, { clusterName: nameOf('eu-1'), isRejoin: true });
    const second = await enrolled(rejoin, 'new');

    expect(second.clusterUid).toBe(first.clusterUid);
    const record = await recordOf(first.clusterUid);
    expect(record.labels).toEqual({ a: 'b' });
    expect(record.certificates.map(({ keyHash }) => keyHash)).toEqual(['new']);
    expect(record.revokedKeys.map(({ keyHash }) => keyHash)).toEqual(['old']);
  });

  it('does not let the token of the first time flip it back', async () => {
    const first = await tokenFor(world, { clusterName: nameOf('eu-1') });
    await enrolled(first, 'old');
    await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1'), isRejoin: true }), 'new');
    expect(await refusal(first, 'old')).toMatchObject({ code: 'KEY_REVOKED' });
  });

  it('is not possible for a cluster that was removed meanwhile, nor for one that never was', async () => {
    const { clusterUid } = await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'old');
    const rejoin = await tokenFor(world, { clusterName: nameOf('eu-1'), isRejoin: true });
    await removeRegistration(world.deps, clusterUid, never);
    expect(await refusal(rejoin, 'new')).toMatchObject({ code: 'TOKEN_WITHDRAWN' });
    await expect(tokenFor(world, { clusterName: nameOf('eu-9'), isRejoin: true })).rejects.toThrow(
      'no cluster is registered as eu-9',
    );
  });
});
