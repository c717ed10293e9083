import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { parseCommit } from './parse-commit.ts';

const id = 'c'.repeat(40) as GitId;
const tree = 'a'.repeat(40);
const head = `tree ${tree}\nparent ${'1'.repeat(40)}\nparent ${'2'.repeat(40)}\n`;
const people = `author Ada Example <ada@example.org> 1700000000 +0530\ncommitter Bob <bob@example.org> 1700000100 -0800\n`;

function parse(text: string) {
  return parseCommit(id, Buffer.from(text));
}

describe('parseCommit', () => {
  it('reads tree, parents, people, times and message', () => {
    expect(parse(`${head}${people}\nSubject\n\nBody\n`)).toEqual({
      ok: true,
      value: {
        id,
        tree,
        parents: ['1'.repeat(40), '2'.repeat(40)],
        author: { name: 'Ada Example', email: 'ada@example.org', atSeconds: 1_700_000_000, zoneMinutes: 330 },
        committer: { name: 'Bob', email: 'bob@example.org', atSeconds: 1_700_000_100, zoneMinutes: -480 },
        message: 'Subject\n\nBody\n',
      },
    });
  });

  it('takes a root commit without a message', () => {
    const parsed = parse(`tree ${tree}\n${people}`);

    expect(parsed.ok && parsed.value).toMatchObject({ parents: [], message: '' });
  });

  it('takes odd names as they are', () => {
    const parsed = parse(`tree ${tree}\nauthor  <> 0 +0000\ncommitter A <B> <c> 1 -0000\n\nx`);

    expect(parsed.ok && parsed.value.author).toEqual({ name: '', email: '', atSeconds: 0, zoneMinutes: 0 });
    expect(parsed.ok && parsed.value.committer).toMatchObject({ name: 'A', email: 'B> <c' });
  });

  it('cuts the signature out of what it signs, byte for byte, and keeps the other headers', () => {
    const armour = '-----BEGIN SSH SIGNATURE-----\n line two\n-----END SSH SIGNATURE-----';
    const folded = armour.replaceAll('\n', '\n ');
    const message = 'gpgsig in the message\n \xff tail';
    const bytes = Buffer.from(`${head}${people}gpgsig ${folded}\nencoding latin1\n\n${message}`, 'latin1');

    const parsed = parseCommit(id, bytes);

    expect(parsed.ok && parsed.value.signature).toBe(armour);
    expect(parsed.ok && parsed.value.signedPayload).toEqual(
      Buffer.from(`${head}${people}encoding latin1\n\n${message}`, 'latin1'),
    );
  });

  it('cuts out the header of sha-256 repositories too', () => {
    const parsed = parse(`${head}${people}gpgsig-sha256 one\n two\n\nx`);

    expect(parsed.ok && parsed.value.signature).toBe('one\ntwo');
    expect(parsed.ok && parsed.value.signedPayload?.toString()).toBe(`${head}${people}\nx`);
  });

  it.each([
    ['no tree', people, 'names no tree'],
    ['a tree that is no id', `tree x\n${people}`, 'names no tree'],
    ['a parent that is no id', `tree ${tree}\nparent x\n${people}`, 'parent'],
    ['no committer', `tree ${tree}\nauthor A <a> 1 +0000\n`, 'author or committer'],
    [
      'a time that is no number',
      `tree ${tree}\nauthor A <a> soon +0000\ncommitter A <a> 1 +0000\n`,
      'author',
    ],
    ['nothing', '', 'names no tree'],
  ])('refuses %s', (_, text, why) => {
    const parsed = parse(text);

    expect(parsed.ok ? '' : parsed.error).toContain(why);
  });
});
