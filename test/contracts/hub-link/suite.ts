import { expect, test } from 'vitest';
import { never } from '../never.ts';
import { agentBeat, agentFrameOf, endOf, flood, hubBeat, type MakeWire, take } from './wire.ts';

/** The promises of the HubLink and HubStream ports; run on the real adapter and on the fake. */
export function hubLinkContract(makeWire: MakeWire): void {
  frames(makeWire);
  ends(makeWire);
  opening(makeWire);
  bounds(makeWire);
  renewing(makeWire);
}

const hubLinkError = { name: 'HubLinkError' };

function frames(makeWire: MakeWire): void {
  test('frames go both ways, whole and in order', async () => {
    await using wire = await makeWire();
    const stream = await wire.link.open(never);
    await stream.send(agentBeat(1), never);
    const hub = await wire.accept();
    await Promise.all([2, 3, 4].map((seq) => stream.send(agentBeat(seq), never)));
    for (const seq of [1, 2, 3]) await hub.send(hubBeat(seq), never);
    expect(await take(hub.frames, 4)).toEqual([1, 2, 3, 4].map(agentBeat));
    expect(await take(stream.frames, 3)).toEqual([1, 2, 3].map(hubBeat));
  });

  test('a new stream knows nothing of the one before', async () => {
    await using wire = await makeWire();
    const first = await wire.link.open(never);
    await first.send(agentBeat(1), never);
    await wire.accept();
    first.close();
    const second = await wire.link.open(never);
    await second.send(agentBeat(2), never);
    expect(await take((await wire.accept()).frames, 1)).toEqual([agentBeat(2)]);
  });
}

function ends(makeWire: MakeWire): void {
  test('the end of the stream by the hub ends the frames after the last one', async () => {
    await using wire = await makeWire();
    const stream = await wire.link.open(never);
    const hub = await wire.accept();
    await hub.send(hubBeat(1), never);
    hub.close();
    expect(await take(stream.frames, 1)).toEqual([hubBeat(1)]);
    expect(await endOf(stream.frames)).toBe('ended');
  });

  test('a hub that died makes the frames throw HubLinkError, and sending reject with it', async () => {
    await using wire = await makeWire();
    const stream = await wire.link.open(never);
    await wire.accept();
    const end = endOf(stream.frames);
    await wire.setUp(false);
    expect(await end).toMatchObject({ ...hubLinkError, retry: 'backoff' });
    await expect(stream.send(agentBeat(1), never)).rejects.toMatchObject({
      ...hubLinkError,
      retry: 'backoff',
    });
  });

  test('a closed stream ends its own frames and the one of the hub, and takes nothing; closing it again is harmless', async () => {
    await using wire = await makeWire();
    const stream = await wire.link.open(never);
    const hub = await wire.accept();
    stream.close();
    stream.close();
    expect(await endOf(stream.frames)).toBe('ended');
    expect(await endOf(hub.frames)).toBe('ended');
    await expect(stream.send(agentBeat(1), never)).rejects.toMatchObject(hubLinkError);
  });
}

function opening(makeWire: MakeWire): void {
  test('a hub that is away is a HubLinkError to try again, and the next try finds it back', async () => {
    await using wire = await makeWire();
    await wire.setUp(false);
    await expect(wire.link.open(never)).rejects.toMatchObject({ ...hubLinkError, retry: 'backoff' });
    await wire.setUp(true);
    const stream = await wire.link.open(never);
    await stream.send(agentBeat(1), never);
    expect(await take((await wire.accept()).frames, 1)).toEqual([agentBeat(1)]);
  });

  test('an abort calls off an attempt that gets no answer, with its reason', async () => {
    await using wire = await makeWire();
    await wire.fallSilent();
    const stop = new AbortController();
    const reason = new Error('stop');
    const opening = wire.link.open(stop.signal);
    const renewing = wire.link.renew({ csrDer: Buffer.from('csr'), natsUserKey: 'U' }, stop.signal);
    const outcomes = Promise.allSettled([opening, renewing]);
    stop.abort(reason);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await expect(wire.link.open(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}

function bounds(makeWire: MakeWire): void {
  test('a frame beyond the limit is refused before it is sent, and the stream goes on', async () => {
    await using wire = await makeWire();
    const stream = await wire.link.open(never);
    const hub = await wire.accept();
    const tooLarge = { ...hubLinkError, code: 'FRAME_TOO_LARGE', retry: 'never' };
    await expect(stream.send(agentFrameOf(1_300_000), never)).rejects.toMatchObject(tooLarge);
    await stream.send(agentFrameOf(200_000), never);
    await stream.send(agentBeat(1), never);
    expect(await take(hub.frames, 2)).toEqual([agentFrameOf(200_000), agentBeat(1)]);
  });

  test('sending waits while the hub does not read, an abort ends the wait, and reading goes on where it stood', async () => {
    await using wire = await makeWire();
    const stream = await wire.link.open(never);
    const hub = await wire.accept();
    const frame = agentFrameOf(200_000);
    const reason = new Error('stop');
    const { sent, outcome } = await flood(stream, frame, reason);
    expect(outcome).toBe(reason);
    expect(await take(hub.frames, Math.min(sent, 2))).toEqual(Array(Math.min(sent, 2)).fill(frame));
    await expect(stream.send(agentBeat(1), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}

function renewing(makeWire: MakeWire): void {
  const csrDer = Buffer.from('a request');

  test('a renewal gives the identity of now with new certificates and a new bus credential', async () => {
    await using wire = await makeWire();
    const renewed = await wire.link.renew({ csrDer, natsUserKey: 'UKEY' }, never);
    expect(renewed).toMatchObject({
      clusterUid: wire.uid,
      natsUserJwt: `jwt of ${wire.uid} for UKEY`,
      natsUrls: ['tls://bus:4222'],
    });
    expect(renewed.certificateChainPem).toContain('BEGIN CERTIFICATE');
  });

  test('a refused renewal tells the code and the wait that the hub gave', async () => {
    await using wire = await makeWire();
    await expect(wire.link.renew({ csrDer, natsUserKey: 'refuse' }, never)).rejects.toMatchObject({
      ...hubLinkError,
      code: 'KEY_REVOKED',
      retry: 'never',
      retryAfterMs: 7_000,
    });
  });

  test('a renewal at a hub that is away is a HubLinkError to try again', async () => {
    await using wire = await makeWire();
    await wire.setUp(false);
    const renewing = wire.link.renew({ csrDer, natsUserKey: 'UKEY' }, never);
    await expect(renewing).rejects.toMatchObject({ ...hubLinkError, retry: 'backoff' });
  });
}
