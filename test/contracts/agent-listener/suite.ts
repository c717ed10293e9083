import { expect, test } from 'vitest';
import { agentBeat, endOf, flood, hubBeat, hubFrameOf, type MakeWire, take } from '../hub-link/wire.ts';
import { never } from '../never.ts';

/** The promises of the AgentListener and AgentStream ports; run on the real adapter and on the fake. */
export function agentListenerContract(makeWire: MakeWire): void {
  streams(makeWire);
  ends(makeWire);
  bounds(makeWire);
}

const broken = { name: 'AgentStreamError', code: 'STREAM_BROKEN', retry: 'backoff' };

function streams(makeWire: MakeWire): void {
  test('every stream is handed over once, in the order of coming, under the uid of its agent', async () => {
    await using wire = await makeWire();
    const agents = [await wire.link.open(never)];
    const first = await wire.accept();
    agents.push(await wire.link.open(never));
    const second = await wire.accept();
    expect([first.peer, second.peer]).toEqual([wire.uid, wire.uid]);
    expect(first.remoteAddress).not.toBe('');
    await agents[1]!.send(agentBeat(2), never);
    await agents[0]!.send(agentBeat(1), never);
    expect(await take(first.frames, 1)).toEqual([agentBeat(1)]);
    expect(await take(second.frames, 1)).toEqual([agentBeat(2)]);
  });

  test('frames go both ways, whole and in order', async () => {
    await using wire = await makeWire();
    const agent = await wire.link.open(never);
    const hub = await wire.accept();
    for (const seq of [1, 2, 3]) await hub.send(hubBeat(seq), never);
    await agent.send(agentBeat(1), never);
    expect(await take(agent.frames, 3)).toEqual([1, 2, 3].map(hubBeat));
    expect(await take(hub.frames, 1)).toEqual([agentBeat(1)]);
  });

  test('a stream is there before its agent has said a word', async () => {
    await using wire = await makeWire();
    const agent = await wire.link.open(never);
    await (await wire.accept()).send(hubBeat(1), never);
    expect(await take(agent.frames, 1)).toEqual([hubBeat(1)]);
  });
}

function ends(makeWire: MakeWire): void {
  test('an agent that ends its stream ends the frames after the last one', async () => {
    await using wire = await makeWire();
    const agent = await wire.link.open(never);
    const hub = await wire.accept();
    await agent.send(agentBeat(1), never);
    agent.close();
    expect(await take(hub.frames, 1)).toEqual([agentBeat(1)]);
    expect(await endOf(hub.frames)).toBe('ended');
  });

  test('what is no frame makes the frames throw FRAME_UNDECODABLE', async () => {
    await using wire = await makeWire();
    await wire.sendRubbish();
    const hub = await wire.accept();
    expect(await endOf(hub.frames)).toMatchObject({ name: 'AgentStreamError', code: 'FRAME_UNDECODABLE' });
    hub.close();
  });

  test('a closed stream ends on both sides and takes nothing; closing it again is harmless', async () => {
    await using wire = await makeWire();
    const agent = await wire.link.open(never);
    const hub = await wire.accept();
    await hub.send(hubBeat(1), never);
    hub.close();
    hub.close();
    expect(await endOf(hub.frames)).toBe('ended');
    expect(await take(agent.frames, 1)).toEqual([hubBeat(1)]);
    expect(await endOf(agent.frames)).toBe('ended');
    await expect(hub.send(hubBeat(2), never)).rejects.toMatchObject(broken);
  });

  test('the word of refusal arrives before the end', async () => {
    await using wire = await makeWire();
    const agent = await wire.link.open(never);
    const hub = await wire.accept();
    const refused = { kind: 'refused', code: 'NOT_REGISTERED', text: 'gone', retryAfterMs: 0 } as const;
    await hub.send(refused, never);
    hub.close();
    expect(await take(agent.frames, 1)).toEqual([refused]);
  });

  test('a closed listener hands over no more streams', async () => {
    await using wire = await makeWire();
    const accepting = wire.accept();
    await wire.closeListener();
    await expect(accepting).rejects.toThrow('no more streams');
  });
}

function bounds(makeWire: MakeWire): void {
  test('a frame beyond the limit is refused before it is sent, and the stream goes on', async () => {
    await using wire = await makeWire();
    const agent = await wire.link.open(never);
    const hub = await wire.accept();
    const tooLarge = { name: 'AgentStreamError', code: 'FRAME_TOO_LARGE', retry: 'never' };
    await expect(hub.send(hubFrameOf(1_300_000), never)).rejects.toMatchObject(tooLarge);
    await hub.send(hubBeat(1), never);
    expect(await take(agent.frames, 1)).toEqual([hubBeat(1)]);
  });

  test('sending waits while the agent does not read, and an abort ends the wait', async () => {
    await using wire = await makeWire();
    await wire.link.open(never);
    const hub = await wire.accept();
    const frame = hubFrameOf(200_000);
    const reason = new Error('stop');
    const { outcome } = await flood(hub, frame, reason);
    expect(outcome).toBe(reason);
    await expect(hub.send(hubBeat(1), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}
