import { describe, expect, it } from 'vitest';
import { breakText } from './break-text.ts';

describe('breakText', () => {
  it('puts the replacement where the text stands, as it is written', () => {
    expect(breakText('a < b;\n', { find: 'a < b', replace: '$& <= $1' })).toEqual({
      ok: true,
      value: '$& <= $1;\n',
    });
  });

  it.each([
    ['that is not there', 'a > b', 'c', /stale: "a > b" does not occur/],
    ['that is there twice', 'x', 'c', /not unique: "x" occurs 2 times/],
    ['of two lines', 'x\nx', 'c', /more than one line/],
    ['that is empty', '', 'c', /more than one line, or none/],
    ['that stays the same', 'y', 'y', /changes nothing/],
  ])('refuses a text %s', (_what, find, replace, why) => {
    const broken = breakText('x\nx y\n', { find, replace });
    expect(broken.ok ? '' : broken.error).toMatch(why);
  });
});
