import { describe, expect, it } from 'vitest';
import { spellOut } from './settings.ts';

describe('arguments of the standalone commands', () => {
  it.each([
    [
      ['./shop', '-o', 'json'],
      ['--dir', './shop', '--output', 'json'],
    ],
    [
      ['https://git.example.org/a.git', '-n', 'x'],
      ['--repo', 'https://git.example.org/a.git', '--namespace', 'x'],
    ],
    [
      ['-f', '-'],
      ['--file', '-'],
    ],
    [
      ['--dir', 'x'],
      ['--dir', 'x'],
    ],
    [[], []],
  ])('%j are %j', (args, spelled) => {
    expect(spellOut(args)).toEqual(spelled);
  });
});
