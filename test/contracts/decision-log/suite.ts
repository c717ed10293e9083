import { expect, test } from 'vitest';
import { killedServers, lostAnswers } from './losses.ts';
import { appended, type DecisionLogWorld, largeEvent, never, read, readAll, tick } from './world.ts';

const web = 'flotilla.decisions.p.web';
const api = 'flotilla.decisions.p.api';

type MakeWorld = () => Promise<DecisionLogWorld>;

/** The promises of the DecisionLog port; run on the real adapter and on the fake. */
export function decisionLogContract(makeWorld: MakeWorld): void {
  appending(makeWorld);
  followingAndBatches(makeWorld);
  lostAnswers(makeWorld);
  killedServers(makeWorld);
  foreignMessages(makeWorld);
  endings(makeWorld);
}

/** Single events. */
function appending(makeWorld: MakeWorld): void {
  test('an appended event is read back with its sequence, time, subject and hash', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const { seq, hash, event } = await appended(log, web, 0);
    const [stored] = await read(await world.open(), 1);
    expect(stored).toMatchObject({ subject: web, seq, hash, event: JSON.parse(JSON.stringify(event)) });
    expect(stored?.storedAtMs).toBeGreaterThan(0);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an event that is far larger than a message is read back whole, by anybody, after its like was stored', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const first = await log.append(web, largeEvent(0, 1), never);
    const other = await log.append(api, largeEvent(0, 1), never);
    if (first.kind !== 'appended' || other.kind !== 'appended') throw new Error('was not stored');
    const batch = await log.appendAll(
      [
        { subject: web, event: largeEvent(first.seq, 2) },
        { subject: 'flotilla.decisions.budget', event: tick(0) },
      ],
      never,
    );
    expect(batch.ok).toBe(true);
    const stored = await readAll(await world.open());
    expect(stored.map(({ event }) => JSON.stringify(event.payload).length > 2_000_000)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(stored[0]?.event.payload).toEqual(largeEvent(0, 1).payload);
    expect(stored[2]?.event.payload).toEqual(largeEvent(0, 2).payload);
    expect(stored.map((one) => one.hash)).toEqual([
      first.hash,
      other.hash,
      ...(batch.ok ? batch.value.map((one) => one.hash) : []),
    ]);
  });

  test('I4: an append with a stale expectation is a conflict that tells the last sequence, and stores nothing', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const { seq } = await appended(log, web, 0);
    expect(await log.append(web, tick(0), never)).toEqual({ kind: 'conflict', lastSeq: seq });
    expect(await log.append(api, tick(7), never)).toEqual({ kind: 'conflict', lastSeq: 0 });
    expect(await readAll(log)).toHaveLength(1);
  });

  test('each subject has its own last sequence, and sequences grow over all subjects', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const first = await appended(log, web, 0);
    const second = await appended(log, api, 0);
    const third = await appended(log, web, first.seq);
    expect([first.seq, second.seq, third.seq]).toEqual([1, 2, 3]);
    expect(await log.bounds(never)).toEqual({ firstSeq: 1, lastSeq: 3 });
  });

  test('an empty log is caught up at once and has no bounds', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    expect(await readAll(log)).toEqual([]);
    expect(await log.bounds(never)).toEqual({ firstSeq: 0, lastSeq: 0 });
  });
}

/** Readers, and several subjects at once. */
function followingAndBatches(makeWorld: MakeWorld): void {
  test('a follower gets what is stored from its sequence on, says once that it caught up, then what comes', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const first = await appended(log, web, 0);
    const second = await appended(log, web, first.seq);
    const stop = new AbortController();
    const trail: (number | string)[] = [];
    const caughtUp = Promise.withResolvers<void>();
    const following = (async () => {
      for await (const one of log.follow(2, stop.signal)) {
        trail.push('kind' in one ? one.kind : one.seq);
        if ('kind' in one) caughtUp.resolve();
        if (trail.length === 4) stop.abort(new Error('seen enough'));
      }
    })();
    await caughtUp.promise;
    const third = await appended(log, web, second.seq);
    await appended(log, web, third.seq);
    await expect(following).rejects.toThrow('seen enough');
    expect(trail).toEqual([2, 'caught-up', 3, 4]);
  });

  test('a log of more than one page is read whole from any place, each event once', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    for (let batch = 0; batch < 4; batch += 1) {
      const entries = Array.from({ length: 150 }, (_, index) => ({
        subject: `flotilla.decisions.p.${batch}-${index}`,
        event: tick(0),
      }));
      expect((await log.appendAll(entries, never)).ok).toBe(true);
    }
    const seqs = Array.from({ length: 600 }, (_, index) => index + 1);
    expect((await readAll(log)).map((one) => one.seq)).toEqual(seqs);
    expect((await read(log, 321, 280)).map((one) => one.seq)).toEqual(seqs.slice(279));
  });

  test('an append to several subjects is stored whole, in order', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const { seq } = await appended(log, web, 0);
    const entries = [
      { subject: api, event: tick(0) },
      { subject: web, event: tick(seq) },
      { subject: 'flotilla.decisions.budget', event: tick(0) },
    ];
    const outcome = await log.appendAll(entries, never);
    expect(outcome.ok && outcome.value.map((one) => one.seq)).toEqual([2, 3, 4]);
    const stored = (await readAll(log)).slice(1);
    expect(stored.map((one) => [one.subject, one.event.id])).toEqual(
      entries.map((one) => [one.subject, one.event.id]),
    );
    expect(outcome.ok && outcome.value.map((one) => one.hash)).toEqual(stored.map((one) => one.hash));
  });

  test('I2: an append to several subjects of which one moved stores nothing and names that subject', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    await appended(log, web, 0);
    const outcome = await log.appendAll(
      [
        { subject: api, event: tick(0) },
        { subject: web, event: tick(0) },
      ],
      never,
    );
    expect(outcome).toEqual({ ok: false, error: { subject: web } });
    expect(await readAll(log)).toHaveLength(1);
    expect((await appended(log, api, 0)).seq).toBe(2);
  });
}

/** What other programs may have written. */
function foreignMessages(makeWorld: MakeWorld): void {
  test('an event of a newer format, or of an unknown kind, stops the follower and stays as it is', async () => {
    for (const change of [{ format: 2 }, { payload: { kind: 'teleport' } }]) {
      await using world = await makeWorld();
      const log = await world.open();
      await appended(log, web, 0);
      await world.writeRaw(web, JSON.stringify({ ...tick(1), ...change }));
      await expect(readAll(log)).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW', retry: 'never' });
      expect((await log.bounds(never)).lastSeq).toBe(2);
    }
  });

  test.each([
    ['no JSON', 'hello'],
    ['no object', '[]'],
    ['no format', '{"id":"x"}'],
    ['no id', JSON.stringify({ ...tick(0), id: 'short' })],
    ['no kind', JSON.stringify({ ...tick(0), payload: {} })],
  ])('a message that is %s stops the follower', async (_name, text) => {
    await using world = await makeWorld();
    const log = await world.open();
    await world.writeRaw(web, text);
    await expect(readAll(log)).rejects.toMatchObject({ code: 'DECISION_MALFORMED' });
  });
}

/** Lost logs and aborts. */
function endings(makeWorld: MakeWorld): void {
  test('a follower that has read further than the log reaches learns that the log was lost', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    await appended(log, web, 0);
    const stop = new AbortController();
    const following = (async () => {
      for await (const _ of log.follow(1, stop.signal));
    })();
    const outcome = expect(following).rejects.toMatchObject({ code: 'LOG_LOST', retry: 'never' });
    await read(log, 1);
    await world.loseStore();
    await outcome;
    await expect(read(await world.open(), 1, 2)).rejects.toMatchObject({ code: 'LOG_LOST' });
  });

  test('an abort rejects with its reason', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const reason = new Error('stop');
    await expect(log.append(web, tick(0), AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(log.bounds(AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const following = (async () => {
      for await (const one of log.follow(1, stop.signal)) if ('kind' in one) stop.abort(reason);
    })();
    await expect(following).rejects.toBe(reason);
  });
}
