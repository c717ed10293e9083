import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

const parse = (text: string, sample?: string) => parseArguments(text === '' ? [] : text.split(' '), sample);

describe('parseArguments', () => {
  it.each([
    ['', { from: 1, count: 2_000, hasTrace: false }],
    ['--seeds 50', { from: 1, count: 50, hasTrace: false }],
    ['--seeds 50 --from 700', { from: 700, count: 50, hasTrace: false }],
    ['--seed 17 --trace', { from: 17, count: 1, hasTrace: true }],
  ])('reads "%s"', (text, value) => {
    expect(parse(text)).toEqual({ ok: true, value });
  });

  it.each(['--seed 17 --seeds 4', '--seeds 0', '--seeds many', '--from -3', '--fast'])(
    'refuses "%s"',
    (text) => {
      expect(parse(text).ok).toBe(false);
    },
  );

  it('begins at another seed for another commit, at the same for the same', () => {
    const first = parse('', 'a'.repeat(40));
    expect(first).toEqual(parse('', 'a'.repeat(40)));
    expect(first).not.toEqual(parse('', 'b'.repeat(40)));
    expect(parse('--from 3', 'a'.repeat(40))).toMatchObject({ value: { from: 3 } });
  });
});
