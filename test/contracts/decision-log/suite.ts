import { expect, test } from 'vitest';
import type { DecisionLog } from '../../../hub/src/ports.ts';
import { type DecisionLogWorld, read, readAll, tick } from './world.ts';

const never = new AbortController().signal;
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

async function appended(log: DecisionLog, subject: string, expectedSeq: number) {
  const event = tick(expectedSeq);
  const outcome = await log.append(subject, event, never);
  if (outcome.kind !== 'appended') throw new Error(`conflict at ${outcome.lastSeq}`);
  return { ...outcome, event };
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

  test('an append with a stale expectation is a conflict that tells the last sequence, and stores nothing', async () => {
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

  test('an append to several subjects of which one moved stores nothing and names that subject', async () => {
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

/** What happens when a message is lost on the way. */
function lostAnswers(makeWorld: MakeWorld): void {
  test.each(['loseNextAnswer', 'loseNextRequest'] as const)(
    '%s: the event is appended, once',
    async (loss) => {
      await using world = await makeWorld();
      const log = await world.open();
      world[loss]();
      const { seq, event } = await appended(log, web, 0);
      expect((await readAll(log)).map((one) => [one.seq, one.event.id])).toEqual([[seq, event.id]]);
    },
  );

  test.each(['loseNextAnswer', 'loseNextRequest'] as const)('%s: a batch is appended, once', async (loss) => {
    await using world = await makeWorld();
    const log = await world.open();
    const entries = [web, api].map((subject) => ({ subject, event: tick(0) }));
    world[loss]();
    const outcome = await log.appendAll(entries, never);
    const stored = await readAll(log);
    expect(stored.map((one) => one.event.id)).toEqual(entries.map((one) => one.event.id));
    expect(outcome.ok && outcome.value.map((one) => one.seq)).toEqual(stored.map((one) => one.seq));
  });

  test('a stale append whose answer is lost stays a conflict', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const { seq } = await appended(log, web, 0);
    world.loseNextAnswer();
    expect(await log.append(web, tick(0), never)).toEqual({ kind: 'conflict', lastSeq: seq });
  });
}

/** Nothing acknowledged is lost, doubled or reordered. */
function killedServers(makeWorld: MakeWorld): void {
  test('an acknowledged event survives kill -9 of the server, and a follower sees everything once and in order', async () => {
    await using world = await makeWorld();
    const log = await world.open();
    const watcher = await world.open();
    const stop = new AbortController();
    const seen: string[] = [];
    const total = 12;
    const following = (async () => {
      for await (const one of watcher.follow(1, stop.signal)) {
        if ('kind' in one) continue;
        seen.push(`${one.seq} ${one.event.id}`);
        if (seen.length === total) break;
      }
    })();
    const written: string[] = [];
    let seq = 0;
    for (let index = 0; index < total; index += 1) {
      if (index % 5 === 3) await world.interrupt();
      const one = await appended(log, web, seq);
      seq = one.seq;
      written.push(`${one.seq} ${one.event.id}`);
    }
    await following;
    expect(seen).toEqual(written);
  });

  test('of racing deciders one wins each position, while the server is killed again and again', async () => {
    await using world = await makeWorld();
    const logs = [await world.open(), await world.open(), await world.open()];
    const acknowledged: string[] = [];
    const target = 40;
    async function decide(log: DecisionLog): Promise<void> {
      let seq = 0;
      while (acknowledged.length < target) {
        const event = tick(seq);
        const outcome = await log.append(web, event, never);
        seq = outcome.kind === 'appended' ? outcome.seq : outcome.lastSeq;
        if (outcome.kind === 'appended') acknowledged.push(`${outcome.seq} ${event.id}`);
      }
    }
    const deciding = Promise.all(logs.map(decide));
    for (const at of [8, 20, 32]) {
      await expect
        .poll(() => acknowledged.length, { timeout: 30_000, interval: 1 })
        .toBeGreaterThanOrEqual(at);
      await world.interrupt();
    }
    await deciding;
    const stored = (await readAll(logs[0]!)).map((one) => `${one.seq} ${one.event.id}`);
    expect(stored).toEqual(acknowledged.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
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
