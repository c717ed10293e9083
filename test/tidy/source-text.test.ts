import { describe, expect, it } from 'vitest';
import { blankOut, lineAt } from './source-text.ts';

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

describe('blankOut', () => {
  it.each([
    ['a // async b\nc', 'a c', 'a c'],
    ['a /* Date\n */ c', 'a c', 'a c'],
    ["f('Date // no') // yes", "f('Date // no')", "f(' ')"],
    ["f('it\\'s Date') + Date", "f('it\\'s Date') + Date", "f(' ') + Date"],
    ['`Date ${now(`in ${Date}`)} Date`', '`Date ${now(`in ${Date}`)} Date`', '` ${now(` ${Date}`)} `'],
    ['`${{ a: { b } }} Date` + Date', '`${{ a: { b } }} Date` + Date', '`${{ a: { b } }} ` + Date'],
    ['x = /Date[/"]/.test(y) // c', 'x = /Date[/"]/.test(y)', 'x = / /.test(y)'],
    ['return /Date/', 'return /Date/', 'return / /'],
    ['a / b / Date', 'a / b / Date', 'a / b / Date'],
    ['(a) / 2 // half', '(a) / 2', '(a) / 2'],
  ])('%j', (source, withoutComments, code) => {
    const blanked = blankOut(source);
    expect(squeeze(blanked.withoutComments)).toBe(withoutComments);
    expect(squeeze(blanked.code)).toBe(code);
  });

  it('keeps every position and line', () => {
    const source = "const a = 'x\\n' // note\n/* two\nlines */ const b = `${a}\n`;\n";
    const { code, withoutComments } = blankOut(source);
    expect(code).toHaveLength(source.length);
    expect(withoutComments).toHaveLength(source.length);
    expect(lineAt(code, code.indexOf('const b'))).toBe(3);
  });

  it('ends at the end of a text that is cut off', () => {
    for (const source of ["'open", '/* open', '`open ${', '/open', '"\\']) {
      expect(blankOut(source).code).toHaveLength(source.length);
    }
  });
});
