import { describe, expect, it } from 'vitest';
import { addressJudge } from './address-guard.ts';

const judge = addressJudge({
  loopbackHosts: new Set(['localhost']),
  deniedRanges: ['10.96.0.0/12', 'fd12::/16'],
});

describe('addressJudge', () => {
  it.each(['93.184.216.34', '10.0.0.7', '192.168.1.1', '2606:2800:220::1'])('allows %s', (address) => {
    expect(judge('git.example.org', address)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['10.96.0.1', 'denied range'],
    ['fd12::1', 'denied range'],
  ])('denies %s: %s', (address, why) => {
    expect(judge('git.example.org', address)).toContain(why);
  });

  it('allows loopback to a listed host, and still no link-local address', () => {
    expect(judge('localhost', '127.0.0.1')).toBeUndefined();
    expect(judge('localhost', '169.254.169.254')).toContain('link-local');
  });

  it.each(['10.96.0.0', '10.96.0.0/33', 'x/8', '10.0.0.0/'])('refuses %j as a range', (range) => {
    expect(() => addressJudge({ loopbackHosts: new Set(), deniedRanges: [range] })).toThrow(
      'is not an address range',
    );
  });
});
