import { describe, expect, test } from 'vitest';
import { parseDemoArguments } from './arguments.ts';

describe('arguments of the demo', () => {
  test('without any: 24 simulated clusters, and a table', () => {
    expect(parseDemoArguments([])).toEqual({
      kind: 'run',
      options: { clusters: 24, real: 0, keep: undefined, isSmoke: false, isJson: false },
    });
  });

  test('--real N takes the place of simulated clusters', () => {
    expect(parseDemoArguments(['--real', '2', '--smoke', '--json'])).toMatchObject({
      kind: 'run',
      options: { clusters: 0, real: 2, isSmoke: true, isJson: true },
    });
  });

  test('a word is an act, with its own words', () => {
    expect(parseDemoArguments(['offline', 'eu-2'])).toEqual({ kind: 'act', act: 'offline', words: ['eu-2'] });
  });

  test.each([['--real', '5'], ['--clusters', '0'], ['--wrong'], ['explode']])(
    '%s %s is a mistake',
    (...args) => {
      expect(parseDemoArguments(args.filter(Boolean)).kind).toBe('mistake');
    },
  );
});
