import { type ClusterUid, limits } from '@flotilla/shared/base';
import { createNkey } from '@flotilla/shared/kit';
import { parseJoinToken } from '@flotilla/shared/model';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tokenKey } from '../../core/enrol/index.ts';
import type { EnrolAnswer, EnrolmentSigner, PeerIdentity } from '../../enrolment-port.ts';
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
  uidOf,
} from './enrol-world-fixture.ts';
import { createRenewHandler, issueToken, PeerJudge, removeRegistration, sweepEnrolment } from './index.ts';

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

const enrolled = (token: Token, key: string) => enrolledIn(world, { token, key });
const recordOf = (uid: ClusterUid) => registrationIn(world, uid);

describe('a renewal', () => {
  let token: Token;
  let answer: EnrolAnswer;
  const peerOf = (keyHash: string): PeerIdentity => ({ uid: answer.clusterUid, keyHash, serial: '01' });
  const call = (key: string) => ({
    csrDer: new TextEncoder().encode(key),
    natsUserKey: createNkey('user').publicKey,
  });

  beforeEach(async () => {
    token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    answer = await enrolled(token, 'key-1');
  });

  it('remembers the new key before it is handed out, and goes on taking the old one', async () => {
    const renew = createRenewHandler(world.deps);
    const renewal = call('key-2');
    expect(await renew(peerOf('key-1'), renewal, never)).toMatchObject({
      ok: true,
      value: { natsUserJwt: `${answer.clusterUid}:${renewal.natsUserKey}` },
    });
    const record = await recordOf(answer.clusterUid);
    expect(record.certificates.map(({ keyHash }) => keyHash)).toEqual(['key-1', 'key-2']);
    expect(record.natsUserKey).toBe(renewal.natsUserKey);
    await world.clock.advance(1_000);
    expect(await renew(peerOf('key-1'), call('key-2'), never)).toMatchObject({ ok: true });
  });

  it('is refused to a cluster that was removed or never was, and to a key that was replaced', async () => {
    const renew = createRenewHandler(world.deps);
    await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1'), isRejoin: true }), 'key-9');
    expect(await renew(peerOf('key-1'), call('key-2'), never)).toMatchObject({
      ok: false,
      error: { code: 'KEY_REVOKED' },
    });
    await removeRegistration(world.deps, answer.clusterUid, never);
    for (const peer of [peerOf('key-9'), { ...peerOf('x'), uid: uidOf(99) }]) {
      expect(await renew(peer, call('key-2'), never)).toMatchObject({
        ok: false,
        error: { code: 'NOT_REGISTERED', text: expect.stringContaining('flotilla cluster join-command') },
      });
    }
  });

  it('is bounded for one cluster, so that one agent does not sign the hub to death', async () => {
    const renew = createRenewHandler(world.deps);
    const answers = [];
    for (let count = 0; count < 3; count += 1) answers.push(await renew(peerOf('key-1'), call('k'), never));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(answers[2]).toMatchObject({ error: { code: 'TOO_MANY', retryAfterMs: 1_000 } });
  });

  it('keeps the list of certificates bounded and forgets ended ones', async () => {
    const renew = createRenewHandler(world.deps);
    for (let count = 0; count < limits.certificatesPerClusterMax + 5; count += 1) {
      await world.clock.advance(1_000);
      await renew(peerOf('key-1'), call(`key-${count}`), never);
    }
    expect((await recordOf(answer.clusterUid)).certificates).toHaveLength(limits.certificatesPerClusterMax);
    world.clock.jumpWall(30 * 365 * 86_400_000);
    await renew(peerOf('key-1'), call('key-last'), never);
    expect((await recordOf(answer.clusterUid)).certificates.map(({ keyHash }) => keyHash)).toEqual([
      'key-last',
    ]);
  });
});

describe('the rate of enrolments', () => {
  it('is bounded for one address, and others go on', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const from = (remoteAddress: string) => world.enrol(callOf(token, 'key', { remoteAddress }), never);
    const burst = 2 * limits.enrolmentsPerSecondFromOne;
    for (let count = 0; count < burst; count += 1) expect((await from('198.51.100.1')).ok).toBe(true);
    const retryAfterMs = 1_000 / limits.enrolmentsPerSecondFromOne;
    expect(await from('198.51.100.1')).toMatchObject({ error: { code: 'TOO_MANY', retryAfterMs } });
    expect((await from('198.51.100.2')).ok).toBe(true);
    await world.clock.advance(retryAfterMs);
    expect((await from('198.51.100.1')).ok).toBe(true);
  });
});

describe('stored records', () => {
  it('of a newer format are refused and left as they are', async () => {
    const token = await tokenFor(world, { clusterName: nameOf('eu-1') });
    const entry = (await world.tokens.get(tokenKey(token.id), never))!;
    await world.tokens.put(entry.key, { ...Object(entry.value), format: 2 }, entry.revision, never);
    await expect(world.enrol(callOf(token, 'key'), never)).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' });
    expect((await world.tokens.get(entry.key, never))?.value).toMatchObject({ format: 2 });
  });

  it('that are damaged are refused with the field', async () => {
    const { clusterUid } = await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'key');
    const entry = (await world.clusters.get(clusterUid, never))!;
    const damaged = {
      ...Object(entry.value),
      certificates: [{ serial: '1', keyHash: 'k', notAfterMs: 'soon' }],
    };
    expect(() => new PeerJudge().readRegistration(clusterUid, damaged)).toThrow(
      `record ${clusterUid}: a registration: certificates[0].notAfterMs is not a whole number`,
    );
    expect(() => new PeerJudge().readRegistration(clusterUid, null)).toThrow(/is not an object/);
  });

  it('are swept a week after a token ended; registered names stay', async () => {
    await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'key');
    await tokenFor(world);
    const { tokens, clusters, clock } = world;
    expect(await sweepEnrolment(world.deps, never)).toBe(0);
    await clock.advance(hourMs + 7 * 86_400_000 + 1);
    expect(await sweepEnrolment(world.deps, never)).toBe(2);
    expect((await tokens.list(never)).map(({ key }) => key)).toEqual(['name.eu-1']);
    expect(await clusters.list(never)).toHaveLength(1);
  });

  it('of registrations are never swept because the record of their name is gone', async () => {
    const { clusterUid } = await enrolled(await tokenFor(world, { clusterName: nameOf('eu-1') }), 'key');
    const claim = (await world.tokens.get('name.eu-1', never))!;
    await world.tokens.remove(claim.key, claim.revision, never);
    await sweepEnrolment(world.deps, never);
    expect(await recordOf(clusterUid)).toMatchObject({ name: 'eu-1' });
  });
});

describe('issuing tokens', () => {
  const request = {
    clusterName: undefined,
    isRejoin: false,
    labels: {},
    lifeMs: hourMs,
    createdBy: 'admin',
    reason: 'because',
  };

  it('gives the text with the pin of the CA', async () => {
    const issued = await issueToken(world.deps, request, never);
    const text = issued.ok ? issued.value.token : '';
    expect(parseJoinToken(text)).toMatchObject({ ok: true, value: { pins: [signer.pin] } });
  });

  it.each([
    [{ lifeMs: 0 }, /between 1 ms and/],
    [{ lifeMs: limits.joinTokenLifeMsMax + 1 }, /between 1 ms and/],
    [{ labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, ''])) }, /65 labels/],
  ])('refuses %j', async (change, complaint) => {
    const issued = await issueToken(world.deps, { ...request, ...change }, never);
    expect(issued).toMatchObject({ ok: false, error: { text: expect.stringMatching(complaint) } });
  });
});
