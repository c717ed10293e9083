import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTo, printable, safeJson, widthOf } from './printable.ts';

describe('text from Git and agents', () => {
  it.each([
    ['plain text', 'plain text'],
    ['two\nlines\tand\r\nmore', 'two lines and more'],
    ['red \u001b[31mtext\u001b[0m', 'red \ufffd[31mtext\ufffd[0m'],
    ['back\u0008space', 'back\ufffdspace'],
    ['csi \u009b2J', 'csi \ufffd2J'],
    ['evil \u202etxt.exe', 'evil \ufffdtxt.exe'],
    ['zero\u200bwidth', 'zero\ufffdwidth'],
    ['Grüße, 世界 ✓', 'Grüße, 世界 ✓'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('is never able to control the terminal, also inside JSON, which stays the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        const json = safeJson({ text }, 2);
        expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['Grüße', 5],
    ['e\u0301', 1],
    ['世界', 4],
    ['한글', 4],
    ['🚀', 2],
    ['a…', 2],
  ])('%j takes %i columns', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  it('never exceeds the columns that it is cut to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(widthOf(cutTo(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
    expect(cutTo('short', 5)).toBe('short');
    expect(cutTo('longer', 5)).toBe('long…');
    expect(cutTo('世界世界', 5)).toBe('世界…');
  });
});
