import { describe, expect, it } from 'vitest';
import { compareVersions, isAccepted, parseVersion } from './version.ts';

describe('parseVersion', () => {
  it.each([
    ['nats-server: v2.15.2', '2.15.2'],
    ['etcd Version: 3.6.14\nGit SHA: Not provided\nGo Version: go1.26.8', '3.6.14'],
    ['Kubernetes v1.36.3', '1.36.3'],
    ['Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0', '1.32.4'],
    ['kwokctl version v0.8.0 go1.26.8 (linux/amd64)', '0.8.0'],
    ['v3.22', '3.22.0'],
    ['v3.22.0+g1a2b3c4', '3.22.0'],
  ])('reads %j as %s', (output, version) => {
    expect(parseVersion(output)).toBe(version);
  });

  it.each(['(devel)', '', 'usage: tool [flags]'])('finds none in %j', (output) => {
    expect(parseVersion(output)).toBeUndefined();
  });
});

describe('isAccepted', () => {
  const range = { from: '2.12.0', below: '3.0.0', why: 'a test' };

  it.each([
    ['2.12.0', true],
    ['2.15.2', true],
    ['2.9.99', false],
    ['3.0.0', false],
    ['10.0.0', false],
  ])('%s: %s', (version, isInside) => {
    expect(isAccepted(version, range)).toBe(isInside);
  });

  it('compares numbers, not text', () => {
    expect(compareVersions('1.9.0', '1.10.0')).toBeLessThan(0);
  });
});
