import type { GossipLine } from '@flotilla/hub/ports';
import { expect, test } from 'vitest';

/** The bus between hub processes and what a test may do to it. */
export interface GossipWorld extends AsyncDisposable {
  /** Another process's line. */
  open(): Promise<GossipLine>;
  /** The bus goes away for everybody and comes back. */
  interrupt(): Promise<void>;
}

/** What a line promises, whatever carries it. */
export function gossipLineContract(makeWorld: () => Promise<GossipWorld>): void {
  test('what one process tells all hear, itself included', async () => {
    await using world = await makeWorld();
    const lines = [await world.open(), await world.open(), await world.open()];
    using ears = listenAll(lines);
    await expect.poll(() => tellUntilHeard(lines[0]!, ears.heard), patience).toBe(true);

    lines[1]!.tell(bytes('of the second'));

    await expect.poll(() => ears.heard.every((one) => one.includes('of the second')), patience).toBe(true);
  });

  test('goes on by itself when the bus was away', async () => {
    await using world = await makeWorld();
    const lines = [await world.open(), await world.open()];
    using ears = listenAll(lines);
    await expect.poll(() => tellUntilHeard(lines[0]!, ears.heard), patience).toBe(true);

    await world.interrupt();
    for (const one of ears.heard) one.length = 0;

    await expect.poll(() => tellUntilHeard(lines[0]!, ears.heard), patience).toBe(true);
  });

  test('keeps nothing: who begins to listen hears only what comes', async () => {
    await using world = await makeWorld();
    const line = await world.open();
    using early = listenAll([line]);
    await expect.poll(() => tellUntilHeard(line, early.heard), patience).toBe(true);
    line.tell(bytes('too early'));
    await expect.poll(() => early.heard[0]?.includes('too early'), patience).toBe(true);

    using late = listenAll([await world.open()]);

    await expect.poll(() => tellUntilHeard(line, late.heard), patience).toBe(true);
    expect(late.heard[0]).not.toContain('too early');
  });

  test('ends when it is aborted', async () => {
    await using world = await makeWorld();
    const line = await world.open();
    const ending = new AbortController();
    const reading = Array.fromAsync(line.hear(ending.signal));
    ending.abort(new DOMException('enough', 'AbortError'));
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    await expect(Array.fromAsync(line.hear(AbortSignal.abort()))).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
}

const patience = { timeout: 20_000, interval: 50 };

/** A line may be deaf at first: tells again until everybody has heard something. */
function tellUntilHeard(line: GossipLine, heard: readonly (readonly string[])[]): boolean {
  line.tell(bytes('is anybody there'));
  return heard.every((one) => one.length > 0);
}

function listenAll(lines: readonly GossipLine[]) {
  const ending = new AbortController();
  const heard = lines.map((line) => {
    const words: string[] = [];
    void listen(line, words, ending.signal);
    return words;
  });
  return { heard, [Symbol.dispose]: () => ending.abort() };
}

async function listen(line: GossipLine, words: string[], signal: AbortSignal): Promise<void> {
  try {
    for await (const payload of line.hear(signal)) words.push(new TextDecoder().decode(payload));
  } catch {
    // Only the abort at the test's end: a line has no other end.
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
