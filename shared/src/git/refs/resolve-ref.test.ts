import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import type { Ref } from './ref.ts';
import { refPrefixes, resolveRef } from './resolve-ref.ts';

const one = '1'.repeat(40) as GitId;
const two = '2'.repeat(40) as GitId;
const three = '3'.repeat(40) as GitId;

const refs: readonly Ref[] = [
  { name: 'HEAD', id: one, symrefTarget: 'refs/heads/main' },
  { name: 'refs/heads/main', id: one },
  { name: 'refs/heads/feature/x', id: two },
  { name: 'refs/heads/both', id: one },
  { name: 'refs/heads/same', id: one },
  { name: 'refs/tags/both', id: two },
  { name: 'refs/tags/same', id: three, peeled: one },
  { name: 'refs/tags/v1.0.0', id: three, peeled: two },
  { name: 'refs/pull/7/head', id: two },
];

function resolve(wanted: string): string {
  const found = resolveRef(refs, wanted);
  if (!found.ok) return `${found.error.code}: ${found.error.text}`;
  return `${found.value.kind} ${found.value.name ?? '-'} ${found.value.id[0]}`;
}

describe('resolveRef', () => {
  it.each([
    ['main', 'branch refs/heads/main 1'],
    ['feature/x', 'branch refs/heads/feature/x 2'],
    ['v1.0.0', 'tag refs/tags/v1.0.0 2'],
    ['HEAD', 'head HEAD 1'],
    ['refs/tags/both', 'tag refs/tags/both 2'],
    ['refs/pull/7/head', 'other refs/pull/7/head 2'],
    ['same', 'branch refs/heads/same 1'],
    [two, 'commit - 2'],
  ])('finds %s', (wanted, found) => {
    expect(resolve(wanted)).toBe(found);
  });

  it('asks which of a branch and a tag with different commits is meant', () => {
    expect(resolve('both')).toBe(
      'REF_AMBIGUOUS: both is both a branch and a tag; write refs/heads/both or refs/tags/both',
    );
  });

  it.each([
    ['mian', 'REF_MISSING: the repository has no branch or tag "mian"; did you mean main?'],
    ['v1.0.1', 'REF_MISSING: the repository has no branch or tag "v1.0.1"; did you mean v1.0.0?'],
    ['refs/heads/gone', 'REF_MISSING: the repository has no branch or tag "refs/heads/gone"'],
    ['release-2024', 'REF_MISSING: the repository has no branch or tag "release-2024"'],
  ])('says that %s is missing, with near names', (wanted, text) => {
    expect(resolve(wanted)).toBe(text);
  });

  it.each([
    '',
    '@',
    'a..b',
    'a b',
    'main~1',
    'main^{tree}',
    'a:b',
    'x@{1}',
    '-x',
    '/x',
    'x/',
    'x.lock',
    '.x',
    'a//b',
    '*',
    'a\u0000',
  ])('refuses %j as a name', (wanted) => {
    expect(resolve(wanted)).toMatch(/^REF_INVALID/);
  });

  it('does not take a short id for a commit', () => {
    expect(resolve('1111111')).toMatch(/^REF_MISSING/);
  });
});

describe('refPrefixes', () => {
  it.each([
    ['main', ['refs/heads/main', 'refs/tags/main']],
    ['HEAD', ['HEAD']],
    ['refs/tags/v1', ['refs/tags/v1']],
    [one, []],
  ])('of %s finds exactly what may be meant', (wanted, prefixes) => {
    expect(refPrefixes(wanted)).toEqual(prefixes);
  });
});
