import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzip } from './gzip.ts';

test('what was compressed comes back', () => {
  const bytes = Buffer.from('flotilla '.repeat(1_000));
  const packed = gzip.deflate(bytes);
  expect(packed.length).toBeLessThan(200);
  expect(gzip.inflate(packed, bytes.length)).toEqual(bytes);
});

test.each([
  ['would inflate beyond the bound', gzipSync(Buffer.alloc(10_000_000))],
  ['are no gzip', Buffer.from('hello')],
  ['are cut off', gzipSync(Buffer.from('hello world')).subarray(0, 20)],
  ['are none', Buffer.alloc(0)],
])('bytes that %s are refused', (_name, bytes) => {
  expect(gzip.inflate(bytes, 1_000)).toBeUndefined();
});
