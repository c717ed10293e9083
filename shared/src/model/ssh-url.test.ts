import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSshUrl, isSshUrl, parseSshUrl } from './ssh-url.ts';

describe('an SSH URL', () => {
  it.each([
    ['ssh://git@Git.Example.org/team/shop.git', 'git', 'git.example.org', 22, '/team/shop.git'],
    ['ssh://git.example.org/team/shop.git/', 'git', 'git.example.org', 22, '/team/shop.git'],
    ['SSH://ada@git.example.org:2222/shop', 'ada', 'git.example.org', 2_222, '/shop'],
    ['ssh://git@git.example.org:/shop', 'git', 'git.example.org', 22, '/shop'],
    ['ssh://git@[FD00::7]:2222/shop', 'git', 'fd00::7', 2_222, '/shop'],
    ['ssh://git@git.example.org/~ada/shop.git', 'git', 'git.example.org', 22, '~ada/shop.git'],
    ['ssh://git@git.example.org/a%20b.git', 'git', 'git.example.org', 22, '/a b.git'],
    ['git@git.example.org:team/shop.git', 'git', 'git.example.org', 22, 'team/shop.git'],
    ['git@git.example.org:/srv/shop.git', 'git', 'git.example.org', 22, '/srv/shop.git'],
    ['git@[fd00::7]:shop.git', 'git', 'fd00::7', 22, 'shop.git'],
    ['git@ssh.dev.example.org:v3/org/project/repo', 'git', 'ssh.dev.example.org', 22, 'v3/org/project/repo'],
  ])('%s is read', (text, ...parts) => {
    const [user, host, port, path] = parts;
    expect(isSshUrl(text)).toBe(true);
    expect(parseSshUrl(text)).toEqual({ ok: true, value: { user, host, port, path } });
  });

  it.each([
    ['ssh://ada:hunter2@git.example.org/shop', 'holds a password'],
    ['ssh://git.example.org', 'is not an SSH URL'],
    ['ssh://git.example.org/', 'names no repository'],
    ['ssh:///shop', 'is not an SSH URL'],
    ['ssh://-oProxyCommand=x@git.example.org/shop', 'names a user'],
    ['-oProxyCommand=x@git.example.org:shop', 'names a user'],
    ['ssh://git@-oProxyCommand=x/shop', 'names no host'],
    ['ssh://git@git.example.org:99999/shop', 'names a port'],
    ['ssh://git@git.example.org:0/shop', 'names a port'],
    ['git@git.example.org:-upload', 'begins with "-"'],
    ['git@git.example.org:team/../other', '".."'],
    ['ssh://git@git.example.org/team/%2e%2e/other', '".."'],
    ['ssh://git@git.example.org/%0a', 'control character'],
    ['ssh://git@git.example.org/%zz', 'percent-encoded'],
    ['ssh://git@git.example.org/shop?x=1', 'query'],
    [`git@git.example.org:${'x'.repeat(1_025)}`, 'longer than'],
  ])('%s is refused, and never repeated', (text, why) => {
    const read = parseSshUrl(text);

    expect(isSshUrl(text)).toBe(true);
    expect(read).toMatchObject({ ok: false, error: expect.stringContaining(why) });
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });

  it.each(['https://git.example.org/shop', 'git.example.org:shop', '/srv/shop.git', 'C:\\shop', ''])(
    '%s is none',
    (text) => {
      expect(isSshUrl(text)).toBe(false);
      expect(parseSshUrl(text).ok).toBe(false);
    },
  );

  it('is read or refused, never thrown over, and one that is read reads back to the same server', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((path) => `git@host:${path}`),
        ),
        (text) => {
          const read = parseSshUrl(text);
          if (!read.ok) return;
          const { user, host, port } = read.value;
          expect(formatSshUrl(read.value).startsWith(`ssh://${user}@`)).toBe(true);
          if (/[%?#]/.test(read.value.path)) return;
          expect(parseSshUrl(formatSshUrl(read.value))).toMatchObject({
            ok: true,
            value: { user, host, port },
          });
        },
      ),
    );
  });
});
