import { describe, expect, it } from 'vitest';
import { credentialRefusal } from './credential-url.ts';

const refusal = (url: string, repository: string) => credentialRefusal({ name: 'shop', url }, repository);

describe('credentialRefusal', () => {
  it.each([
    ['https://git.example.org', 'https://git.example.org/team/shop.git'],
    ['https://git.example.org/', 'https://git.example.org/shop'],
    ['https://GIT.example.org:443', 'https://git.example.org/shop.git'],
    ['https://git.example.org:8443', 'https://git.example.org:8443/shop.git'],
    ['https://git.example.org/team', 'https://git.example.org/team/shop.git'],
    ['https://git.example.org/team/', 'https://git.example.org/team/deep/shop.git'],
    ['https://git.example.org/team/shop.git', 'https://git.example.org/team/shop'],
    ['https://git.example.org/team/shop', 'https://git.example.org/team/shop.git/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/shop.git'],
    ['https://[::1]:8443', 'https://[::1]:8443/shop.git'],
    ['ssh://git@git.example.org', 'git@git.example.org:team/shop.git'],
    ['ssh://git.example.org', 'ssh://ada@GIT.example.org:22/team/shop.git'],
    ['ssh://git@git.example.org:2222/', 'ssh://git@git.example.org:2222/shop'],
    ['ssh://git@git.example.org/team', 'git@git.example.org:team/shop.git'],
    ['git@git.example.org:team/shop.git', 'ssh://git@git.example.org/team/shop'],
  ])('lets a credential for %s go to %s', (url, repository) => {
    expect(refusal(url, repository)).toBeUndefined();
  });

  it.each([
    ['another host', 'https://git.example.org', 'https://git.example.com/shop.git'],
    ['a host below', 'https://example.org', 'https://git.example.org/shop.git'],
    ['a host that begins so', 'https://git.example.org', 'https://git.example.org.evil.test/shop.git'],
    ['another port', 'https://git.example.org', 'https://git.example.org:8443/shop.git'],
    ['plain http', 'https://git.example.org', 'http://git.example.org/shop.git'],
    ['https from http', 'http://127.0.0.1:8080', 'https://127.0.0.1:8080/shop.git'],
    ['a name of the same machine', 'http://127.0.0.1:8080', 'http://localhost:8080/shop.git'],
    ['another path', 'https://git.example.org/team', 'https://git.example.org/other/shop.git'],
    ['a path that begins so', 'https://git.example.org/team', 'https://git.example.org/team-b/shop.git'],
    ['a path that leaves it', 'https://git.example.org/team', 'https://git.example.org/team/../b/shop.git'],
    ['the same, encoded', 'https://git.example.org/team', 'https://git.example.org/team/%2e%2e/b/shop.git'],
    ['a slash, encoded', 'https://git.example.org/team', 'https://git.example.org/team/..%2fb/shop.git'],
    ['a backslash, encoded', 'https://git.example.org/team', 'https://git.example.org/team/..%5Cb/shop.git'],
    ['SSH from https', 'https://git.example.org', 'ssh://git@git.example.org/shop.git'],
    ['https from SSH', 'ssh://git@git.example.org', 'https://git.example.org/shop.git'],
    ['another user', 'ssh://git@git.example.org', 'root@git.example.org:shop.git'],
    ['another SSH port', 'ssh://git@git.example.org', 'ssh://git@git.example.org:2222/shop.git'],
    ['another SSH host', 'ssh://git@git.example.org', 'git@git.example.org.evil.test:shop.git'],
    ['another SSH path', 'ssh://git@git.example.org/team', 'git@git.example.org:team-b/shop.git'],
    ['a path with a mark', 'ssh://git@git.example.org/team', 'git@git.example.org:team?/shop.git'],
    ['no url at all', 'git.example.org', 'https://git.example.org/shop.git'],
  ])('refuses %s: %s is not for %s', (_what, url, repository) => {
    expect(refusal(url, repository)).toMatch(/^credential shop /);
  });

  it('says both places, without what a url may hide', () => {
    expect(refusal('https://ada:s3cret@git.example.org/team/', 'https://evil.test/shop.git?x=y')).toBe(
      'credential shop is for https://git.example.org/team and is not sent to https://evil.test/shop.git',
    );
  });
});
