import { describe, expect, it } from 'vitest';
import { createLineSplitter, LineTooLongError } from './line-splitter.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

describe('line splitter', () => {
  it('gives lines out as they are complete', () => {
    const splitter = createLineSplitter();

    expect(splitter.push(bytes('one\ntw'))).toEqual(['one']);
    expect(splitter.push(bytes('o\nthree\n'))).toEqual(['two', 'three']);
    expect(splitter.push(bytes(''))).toEqual([]);
  });

  it('joins a character that was cut in two', () => {
    const splitter = createLineSplitter();
    const text = bytes('grün\n');

    splitter.push(text.subarray(0, 3));

    expect(splitter.push(text.subarray(3))).toEqual(['grün']);
  });

  it('leaves empty lines out', () => {
    expect(createLineSplitter().push(bytes('\n\na\n\n'))).toEqual(['a']);
  });

  it('refuses a line past its bound, also when it comes in pieces', () => {
    const splitter = createLineSplitter(8);

    splitter.push(bytes('12345'));

    expect(() => splitter.push(bytes('6789'))).toThrow(LineTooLongError);
  });

  it('takes a line of exactly the bound', () => {
    expect(createLineSplitter(3).push(bytes('abc\n'))).toEqual(['abc']);
  });
});
