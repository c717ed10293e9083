import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { checkName, kindOf } from './kinds.ts';

describe('a kind', () => {
  it.each([
    ['clusters', 'clusters'],
    ['cluster', 'clusters'],
    ['cl', 'clusters'],
    ['Assignments', 'assignments'],
    ['ro', 'rollouts'],
  ])('can be written %s', (word, kind) => {
    expect(kindOf(word)).toBe(kind);
  });

  it('that does not exist is refused with the near one', () => {
    expect(() => kindOf('clusterz')).toThrow(CliError);
    try {
      kindOf('rolouts');
    } catch (error) {
      expect((error as CliError).problem.next).toBe('flotilla get rollouts');
    }
  });
});

describe('a name', () => {
  it.each([
    ['clusters', 'eu-1'],
    ['clusters', 'Eu.1'],
    ['assignments', 'eu-1/checkout'],
    ['rollouts', 'checkout-7'],
  ] as const)('of %s may be %s', (kind, name) => {
    expect(checkName(kind, name)).toBe(name);
  });

  it.each([
    ['clusters', ''],
    ['clusters', '..'],
    ['clusters', 'a/b'],
    ['clusters', 'a b'],
    ['clusters', '-a'],
    ['assignments', 'eu-1'],
    ['assignments', 'a/b/c'],
    ['assignments', '../status'],
  ] as const)('of %s cannot be %j, so that no path leads elsewhere', (kind, name) => {
    expect(() => checkName(kind, name)).toThrow(CliError);
  });
});
