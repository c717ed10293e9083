import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersionKeys, type VersionKey, versionKey } from './semver.ts';

function keyOf(text: string): VersionKey {
  const key = versionKey(text);
  return key.ok ? key.value : expect.fail(`${text} ${key.error}`);
}

function compare(left: string, right: string): number {
  return Math.sign(compareVersionKeys(keyOf(left), keyOf(right)));
}

describe('the order of versions', () => {
  it('is this', () => {
    // The pre-releases are the example of semver.org 2.0, clause 11.
    const ordered = [
      '0',
      '0.0.0',
      '1',
      '1.0',
      '1.0.0-0',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.9.0',
      '1.29',
      '1.29.0-alpha.1',
      '1.29.3-eks-1a2b',
      '1.29.3-gke.99',
      '1.29.3-gke.1200',
      '1.29.3',
      '1.30',
      '2',
      '10.0.0',
    ];
    // `1`, `1.0` and the like fill up with zeros: they rank equally.
    const isEqual = (left: string, right: string) => left === '1' && right === '1.0';
    for (const [index, left] of ordered.entries()) {
      for (const right of ordered.slice(index + 1)) {
        expect([left, right, compare(left, right)]).toEqual([left, right, isEqual(left, right) ? 0 : -1]);
        expect(compare(right, left)).toBe(isEqual(left, right) ? 0 : 1);
      }
    }
  });

  it('leaves a leading v and build metadata out', () => {
    expect(compare('v1.29.3+k3s1', '1.29.3')).toBe(0);
    expect(compare('v1.29.3+k3s1', '1.29.3+rke2r1')).toBe(0);
  });

  it('is total, and equal only where everything that counts is equal', () => {
    const small = fc.integer({ min: 0, max: 12 });
    const part = fc.oneof(small.map(String), fc.constantFrom('a', 'ab', 'b-1', 'A', '0a'));
    const version = fc
      .tuple(small, small, small, fc.array(part, { maxLength: 3 }))
      .map(
        ([major, minor, patch, parts]) =>
          `${major}.${minor}.${patch}${parts.length > 0 ? `-${parts.join('.')}` : ''}`,
      );
    fc.assert(
      fc.property(version, version, version, (one, two, three) => {
        expect(compare(one, two)).toBe(-compare(two, one) + 0);
        expect(compare(one, two) === 0).toBe(one === two);
        if (compare(one, two) <= 0 && compare(two, three) <= 0)
          expect(compare(one, three)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each([
    '',
    'latest',
    '1.',
    '1.29.x',
    '01.2.3',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3.4',
    '1.29-rc.1',
    '1.2.3-1234567890',
  ])('does not take %j for a version', (text) => {
    expect(versionKey(text).ok).toBe(false);
  });
});
