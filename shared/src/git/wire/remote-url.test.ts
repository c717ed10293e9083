import { describe, expect, it } from 'vitest';
import { isGitError } from '../git-error.ts';
import { parseRemoteUrl } from './remote-url.ts';

function refusal(url: string, listed: readonly string[] = []): string {
  try {
    parseRemoteUrl(url, listed);
  } catch (caught) {
    if (isGitError(caught, 'GIT_URL_REFUSED')) return caught.message;
    throw caught;
  }
  return '';
}

describe('parseRemoteUrl', () => {
  it('takes https anywhere', () => {
    expect(parseRemoteUrl('https://Git.Example.org:8443/team/shop.git/', [])).toEqual({
      origin: 'https://git.example.org:8443',
      port: 8_443,
      protocol: 'https:',
      hostname: 'git.example.org',
      path: '/team/shop.git',
      shown: 'https://git.example.org:8443/team/shop.git',
    });
  });

  it('takes SSH in both spellings, shown in one', () => {
    for (const url of ['ssh://git@Git.Example.org/team/shop.git', 'git@git.example.org:team/shop.git']) {
      expect(parseRemoteUrl(url, [])).toMatchObject({
        protocol: 'ssh:',
        hostname: 'git.example.org',
        shown: 'ssh://git@git.example.org/team/shop.git',
      });
    }
  });

  it.each([
    ['http://127.0.0.1:8080/shop.git', '127.0.0.1'],
    ['http://localhost/shop.git', 'localhost'],
    ['http://[::1]:80/shop.git', '::1'],
  ])('takes %s when %s is listed', (url, host) => {
    expect(refusal(url, [host])).toBe('');
    expect(refusal(url)).toContain(`${host} is not listed`);
  });

  it.each([
    ['http://git.example.org/shop.git', 'only https'],
    ['ssh://git:s3cret@git.example.org/shop.git', 'holds a password'],
    ['ssh://git.example.org', 'is not an SSH URL'],
    ['file:///srv/git/shop.git', 'is neither https nor ssh'],
    ['git@git.example.org:../shop.git', '".."'],
    ['https://git.example.org/', 'names no repository'],
    ['https://git.example.org/shop.git?x=1', 'has a query'],
    ['not a url', 'is no URL'],
  ])('refuses %s: %s', (url, why) => {
    expect(refusal(url, ['git.example.org'])).toContain(why);
  });

  it.each([
    'https://ada:hunter2@git.example.org/shop.git',
    'https://hunter2@git.example.org/x',
    'x//hunter2@host',
  ])('never repeats the user info of %s', (url) => {
    expect(refusal(url)).not.toBe('');
    expect(refusal(url)).not.toContain('hunter2');
  });
});
