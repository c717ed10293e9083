import { describe, expect, it } from 'vitest';
import { findChecksum } from './checksum.ts';

const sum = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

describe('findChecksum', () => {
  it('reads a file that holds one bare sum', () => {
    expect(findChecksum(`${sum.toUpperCase()}\n`, 'kubectl')).toBe(sum);
  });

  it('reads the line of the wanted file among others, in text and binary notation', () => {
    const text = `${other}  tool-linux-arm64\n${sum} *dist/tool-linux-amd64\n`;
    expect(findChecksum(text, 'tool-linux-amd64')).toBe(sum);
    expect(findChecksum(text, 'tool-linux-arm64')).toBe(other);
  });

  it('does not take the sum of a file whose name only ends alike', () => {
    expect(findChecksum(`${sum}  other-tool.tar.gz\n`, 'tool.tar.gz')).toBeUndefined();
  });

  it.each(['<html><body>please log in</body></html>', '', 'deadbeef  tool', `${sum}ab`])(
    'finds no sum in %j',
    (text) => {
      expect(findChecksum(text, 'tool')).toBeUndefined();
    },
  );
});
