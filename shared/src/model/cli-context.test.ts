import { describe, expect, it } from 'vitest';
import { cliPointerPath, isLoopbackHost, parseCliContext } from './cli-context.ts';

const good = {
  format: 1,
  hub: 'http://127.0.0.1:7440',
  tokenFile: '/data/admin-token',
  dataDir: '/data',
};

describe('the file by which the command line finds a hub', () => {
  it('is read when every part is there', () => {
    expect(parseCliContext(JSON.stringify(good))).toEqual({ ok: true, value: good });
  });

  it.each([
    ['no JSON', '{', 'is not a JSON object'],
    ['a list', '[]', 'format undefined'],
    ['a newer format', JSON.stringify({ ...good, format: 2 }), 'has format 2'],
    ['no token file', JSON.stringify({ ...good, tokenFile: 7 }), 'lacks'],
    ['a foreign hub', JSON.stringify({ ...good, hub: 'http://hub.example:7440' }), 'not on this machine'],
    ['a foreign hub that looks near', JSON.stringify({ ...good, hub: 'http://127.0.0.1.example' }), 'not on'],
  ])('is refused with %s', (_what, text, complaint) => {
    const read = parseCliContext(text);
    expect(read.ok ? '' : read.error).toContain(complaint);
  });

  it('is pointed to from the configuration folder of the user', () => {
    expect(cliPointerPath({ XDG_CONFIG_HOME: '/cfg', HOME: '/me' })).toBe('/cfg/flotilla/context.json');
    expect(cliPointerPath({ HOME: '/me' })).toBe('/me/.config/flotilla/context.json');
    expect(cliPointerPath({ HOME: '' })).toBeUndefined();
  });
});

describe('a loopback host', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])('is %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['127.0.0.1.example', 'localhost.example', '10.0.0.1', '::', '0.0.0.0', '127.evil.example', ''])(
    'is not %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});
