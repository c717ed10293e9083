import { describe, expect, it } from 'vitest';
import { applyDelta } from './delta.ts';
import { buildDelta } from './pack-fixture.ts';

const base = Buffer.from('the quick brown fox');

function textOf(delta: Buffer, resultBytesMax = 1_000): string {
  const built = applyDelta(base, delta, resultBytesMax);
  return built.ok ? built.value.toString() : `error: ${built.error}`;
}

describe('applyDelta', () => {
  it('copies and inserts', () => {
    const delta = buildDelta(base.length, 15, [
      { copy: [0, 4] },
      { insert: Buffer.from('slow ') },
      { copy: [10, 6] },
    ]);

    expect(textOf(delta)).toBe('the slow brown ');
  });

  it('makes an empty object', () => {
    expect(textOf(buildDelta(base.length, 0, []))).toBe('');
  });

  it('reads a copy without a size as 65,536 bytes, and offsets beyond 2^31 as positive', () => {
    const large = Buffer.alloc(0x10000, 'x');
    const built = applyDelta(
      large,
      buildDelta(large.length, large.length, [{ copy: [0, 0x10000] }]),
      100_000,
    );

    expect(built).toEqual({ ok: true, value: large });
    expect(textOf(buildDelta(base.length, 1, [{ copy: [0xf0000000, 1] }]))).toContain('beyond its bounds');
  });

  it.each([
    ['another base', buildDelta(base.length + 1, 4, [{ copy: [0, 4] }]), 'does not fit its base'],
    ['more than it says', buildDelta(base.length, 3, [{ copy: [0, 4] }]), 'beyond its bounds'],
    ['less than it says', buildDelta(base.length, 5, [{ copy: [0, 4] }]), 'fewer bytes'],
    ['beyond the base', buildDelta(base.length, 10, [{ copy: [15, 10] }]), 'beyond its bounds'],
    ['a result above the limit', buildDelta(base.length, 2_000, []), 'object of 2000 bytes'],
    ['the reserved instruction', Buffer.from([19, 1, 0]), 'broken instruction'],
    ['an insert that is cut off', Buffer.from([19, 5, 5, 65]), 'beyond its bounds'],
    ['a copy that is cut off', Buffer.from([19, 5, 0x91]), 'broken instruction'],
    ['no sizes', Buffer.alloc(0), 'no sizes'],
    ['an endless size', Buffer.alloc(20, 0xff), 'no sizes'],
  ])('refuses %s', (_, delta, why) => {
    expect(textOf(delta)).toContain(why);
  });
});
