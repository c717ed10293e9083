import { describe, expect, it } from 'vitest';
import { type Asking, afterTry, beginAsking, tryMs } from './check-asking.ts';

const timeoutMs = 60_000;
const none = { kind: 'none', text: 'it answers 500' } as const;

function tried(asking: Asking, nowMs: number, pauseMs = 5_000): Asking {
  return afterTry(asking, none, { nowMs, timeoutMs, pauseMs });
}

describe('asking a check', () => {
  it('goes on after a pause, and says how often it has asked', () => {
    const once = tried(beginAsking(1_000), 2_000);
    expect(once.answer).toEqual({ kind: 'asking', text: 'it answers 500, asked once' });
    expect(once.nextAtMs).toBe(7_000);
    expect(tried(once, 8_000).answer).toEqual({ kind: 'asking', text: 'it answers 500, asked 2 times' });
  });

  it('fails by time only after a last try at the end of it', () => {
    const late = tried(beginAsking(0), 59_000);
    expect(late.nextAtMs).toBe(60_000);
    expect(tried(late, 60_500).answer).toEqual({
      kind: 'failed',
      text: 'no answer within 1m, asked 2 times; at last: it answers 500',
    });
  });

  it('takes an answer that comes past the time', () => {
    const said = { kind: 'passed', text: 'fine' } as const;
    const after = afterTry(tried(beginAsking(0), 1_000), said, { nowMs: 90_000, timeoutMs, pauseMs: 0 });
    expect(after.answer).toEqual(said);
  });

  it('waits no longer than a minute, whatever Retry-After asks for', () => {
    const asking = afterTry(beginAsking(0), none, { nowMs: 0, timeoutMs: 3_600_000, pauseMs: 900_000 });
    expect(asking.nextAtMs).toBe(60_000);
  });

  it('gives a try ten seconds, less towards the end, and a second at least', () => {
    const asking = beginAsking(0);
    expect([0, 54_000, 59_900, 99_000].map((nowMs) => tryMs(asking, timeoutMs, nowMs))).toEqual([
      10_000, 6_000, 1_000, 1_000,
    ]);
  });
});
