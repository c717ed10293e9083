import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { encodeEntry } from './objects-fixture.ts';
import { parseTree } from './parse-tree.ts';

const id = 'ab'.repeat(20) as GitId;

function complaint(data: Buffer): string {
  const parsed = parseTree(data, 'sha1');
  return parsed.ok ? '' : parsed.error;
}

describe('parseTree', () => {
  it.each([
    ['100644', 'file'],
    ['100664', 'file'],
    ['100755', 'executable'],
    ['120000', 'symlink'],
    ['160000', 'submodule'],
    ['40000', 'tree'],
    ['040000', 'tree'],
  ])('reads mode %s as %s', (mode, kind) => {
    expect(parseTree(encodeEntry(mode, 'a name', id), 'sha1')).toEqual({
      ok: true,
      value: [{ name: 'a name', kind, id }],
    });
  });

  it('reads an empty tree, and ids of a sha-256 repository', () => {
    const long = 'cd'.repeat(32) as GitId;

    expect(parseTree(Buffer.alloc(0), 'sha1')).toEqual({ ok: true, value: [] });
    expect(parseTree(encodeEntry('100644', 'x', long), 'sha256')).toEqual({
      ok: true,
      value: [{ name: 'x', kind: 'file', id: long }],
    });
  });

  it.each([
    ['an unknown mode', encodeEntry('100600', 'x', id), 'unknown mode "100600"'],
    ['no mode', encodeEntry('', 'x', id), 'unknown mode ""'],
    [
      'the same name twice',
      Buffer.concat([encodeEntry('100644', 'x', id), encodeEntry('40000', 'x', id)]),
      'twice',
    ],
    ['an id cut short', encodeEntry('100644', 'x', id).subarray(0, -1), 'ends within an entry'],
    ['no id', Buffer.from('100644 x'), 'ends within an entry'],
    ['no name', Buffer.from('100644'), 'ends within an entry'],
    [
      'a zero byte before the space',
      Buffer.concat([Buffer.from('100\x00644 '), Buffer.alloc(30)]),
      'ends within',
    ],
  ])('refuses %s', (_, data, why) => {
    expect(complaint(data)).toContain(why);
  });

  it('does not take two names that are not UTF-8 for the same', () => {
    const data = Buffer.concat([
      encodeEntry('100644', Buffer.of(0xff), id),
      encodeEntry('100644', Buffer.of(0xfe), id),
    ]);

    expect(complaint(data)).toBe('');
  });
});
