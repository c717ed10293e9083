import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProxyUrl, proxyFor, shownProxy } from './proxy.ts';

const url = 'http://proxy.example.org:3128/';

describe('the URL of a proxy', () => {
  it.each([
    ['http://proxy.example.org:3128', url],
    ['proxy.example.org:3128', url],
    ['https://ada:s3cret@proxy.example.org/', 'https://ada:s3cret@proxy.example.org/'],
    ['none', undefined],
  ])('%s is one', (text, value) => {
    expect(parseProxyUrl(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['socks5://ada:s3cret@proxy', 'begins with socks5://'],
    ['http://ada:s3cret@proxy/path', 'is the URL of a page'],
    ['http://', 'is not the URL of a proxy'],
    ['', 'is not the URL of a proxy'],
  ])('%s is none, and is not repeated', (text, why) => {
    const read = parseProxyUrl(text);

    expect(read).toMatchObject({ ok: false, error: expect.stringContaining(why) });
    expect(JSON.stringify(read)).not.toContain('s3cret');
  });

  it('is shown without user and password', () => {
    expect(shownProxy('http://ada:s3cret@proxy.example.org:3128/')).toBe('http://proxy.example.org:3128');
  });
});

describe('a host', () => {
  it.each([
    ['git.example.org', ['example.org']],
    ['git.example.org', ['.example.org']],
    ['git.example.org', ['*.example.org']],
    ['GIT.example.org.', ['git.Example.org']],
    ['example.org', ['.example.org']],
    ['git.example.org', ['other.org cluster.local git.example.org']],
    ['git.example.org', ['git.example.org:443']],
    ['10.1.2.3', ['10.0.0.0/8']],
    ['10.1.2.3', ['10.1.2.3']],
    ['fd00::7', ['fd00::/8']],
    ['fd00::7', ['[fd00::7]:443']],
    ['fd00::7', ['fd00::7']],
    ['git.example.org', ['*']],
    ['localhost', []],
    ['127.0.0.1', []],
    ['::1', []],
  ])('%s is reached without the proxy for %j', (hostname, exceptFor) => {
    expect(proxyFor({ hostname, port: 443 }, { url, exceptFor })).toBeUndefined();
  });

  it.each([
    ['git.example.org', []],
    ['notexample.org', ['example.org']],
    ['git.example.org', ['git.example.org:8443']],
    ['git.example.org', ['', '/', ':', '10.0.0.0/99', '[', 'org.example']],
    ['10.1.2.3', ['11.0.0.0/8', '2.3']],
    ['git.example.org', ['10.0.0.0/8']],
  ])('%s goes through the proxy for %j', (hostname, exceptFor) => {
    expect(proxyFor({ hostname, port: 443 }, { url, exceptFor })).toBe(url);
  });

  it('that no setting gives a proxy goes through none', () => {
    expect(proxyFor({ hostname: 'git.example.org', port: 443 }, undefined)).toBeUndefined();
  });

  it('is judged whatever stands in the list', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.domain(), (exceptFor, hostname) => {
        const chosen = proxyFor({ hostname, port: 443 }, { url, exceptFor });
        // More exceptions never bring the proxy back.
        const more = proxyFor({ hostname, port: 443 }, { url, exceptFor: [...exceptFor, hostname] });
        expect([url, undefined]).toContain(chosen);
        expect(more).toBeUndefined();
      }),
    );
  });
});
