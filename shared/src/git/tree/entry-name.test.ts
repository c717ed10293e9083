import { describe, expect, it } from 'vitest';
import { foldName, judgeName } from './entry-name.ts';

describe('judgeName', () => {
  it.each([
    'app.yaml',
    '.gitignore',
    '.github',
    'git',
    '.git-blame-ignore-revs',
    'a.git',
    'Ünïcode',
    'a b',
    '...',
    '~',
  ])('allows %j', (name) => {
    expect(judgeName(name)).toBeUndefined();
  });

  it.each([
    '.git',
    '.GIT',
    '.Git',
    'git~1',
    'GIT~1',
    '.git.',
    '.git ',
    '.git. . ',
    '.git::$INDEX_ALLOCATION',
    '.git\\config',
    '.g\u200cit',
    '\ufeff.git',
    '.gi\u202et',
  ])('takes %j for .git', (name) => {
    expect(judgeName(name)).toBe('GIT_NAME');
  });

  it.each([
    '',
    '.',
    '..',
    'a/b',
    '../x',
    'a\\b',
    'a\nb',
    'a\u0000',
    '\u007f',
    'bad\ufffdbytes',
    'x'.repeat(256),
    'é'.repeat(128),
  ])('calls %j unsafe', (name) => {
    expect(judgeName(name)).toBe('UNSAFE_NAME');
  });

  it('allows a name of 255 bytes', () => {
    expect(judgeName('x'.repeat(255))).toBeUndefined();
  });
});

describe('foldName', () => {
  it('makes names equal that differ in case or Unicode form', () => {
    expect(foldName('README')).toBe(foldName('readme'));
    expect(foldName('caf\u00e9')).toBe(foldName('cafe\u0301'));
    expect(foldName('a')).not.toBe(foldName('b'));
  });
});
