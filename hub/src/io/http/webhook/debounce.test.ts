import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { describe, expect, it } from 'vitest';
import { debounce } from './debounce.ts';

function counting() {
  const clock = manualClock();
  const closing = new AbortController();
  let acted = 0;
  const ask = debounce(() => (acted += 1), { clock, quietMs: 1_000 }, closing.signal);
  return { clock, closing, ask, acted: () => acted };
}

describe('a debounced action', () => {
  it('runs at once, and once more after the quiet time for all that came in between', async () => {
    const { clock, ask, acted } = counting();
    ask();
    expect(acted()).toBe(1);
    for (let time = 0; time < 50; time += 1) ask();
    await clock.advance(999);
    expect(acted()).toBe(1);
    await clock.advance(1);
    expect(acted()).toBe(2);
  });

  it('does not run again when nothing came in between', async () => {
    const { clock, ask, acted } = counting();
    ask();
    await clock.advance(5_000);
    expect(acted()).toBe(1);
    ask();
    expect(acted()).toBe(2);
  });

  it('ends with its signal', async () => {
    const { clock, closing, ask, acted } = counting();
    ask();
    ask();
    closing.abort();
    await clock.advance(5_000);
    ask();
    expect(acted()).toBe(1);
    expect(clock.sleeping).toBe(0);
  });
});
