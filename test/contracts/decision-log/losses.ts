import type { DecisionLog } from '@flotilla/hub/ports';
import { expect, test } from 'vitest';
import { appended, type DecisionLogWorld, never, readAll, tick } from './world.ts';

type MakeWorld = () => Promise<DecisionLogWorld>;

const web = 'flotilla.decisions.p.web';
const api = 'flotilla.decisions.p.api';

/** What happens when a message is lost on the way. */
export function lostAnswers(makeWorld: MakeWorld): void {
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
export function killedServers(makeWorld: MakeWorld): void {
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
