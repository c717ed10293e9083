import { describe, expect, it } from 'vitest';
import { meetsAll, onlyValue, parseSelector } from './selector.ts';

function selects(selector: string, labels: { readonly [key: string]: string }): boolean {
  const read = parseSelector(selector);
  if (!read.ok) throw new Error(read.error);
  return meetsAll(read.value, (key) => labels[key]);
}

function mistakeIn(selector: string): string {
  const read = parseSelector(selector);
  return read.ok ? '' : read.error;
}

describe('a selector', () => {
  const prodEu = { env: 'prod', region: 'eu', tier: '' };

  it.each([
    ['', true],
    ['  ', true],
    ['env=prod', true],
    ['env==prod', true],
    ['env = prod , region != us', true],
    ['env=test', false],
    ['env!=prod', false],
    ['absent!=x', true],
    ['env in (test,prod)', true],
    ['env in ( test , stage )', false],
    ['env notin (test)', true],
    ['env notin (prod,test)', false],
    ['absent notin (a)', true],
    ['absent in (a)', false],
    ['region', true],
    ['absent', false],
    ['!absent', true],
    ['!env', false],
    ['tier=', true],
    ['env=prod,region in (eu,us),!absent', true],
    ['env=prod,region in (ap),!absent', false],
  ])('%j chooses env=prod,region=eu: %s', (selector, expected) => {
    expect(selects(selector, prodEu)).toBe(expected);
  });

  it.each([
    ['env=prod,', '"" is not a term'],
    ['env=a=b', 'is not a term'],
    ['env in prod', 'is not a term'],
    ['env in (a', 'is not a term'],
    ['env in (a,(b))', 'is not a term'],
    ['=prod', 'is not a term'],
    ['-env=prod', '"-env" in "-env=prod" is not a key'],
    ['!a$', '"a$" is not a key'],
    ['env=pr*d', '"pr*d" in "env=pr*d" is not a value'],
    ['env in (a;b)', '"a;b" in "env in (a;b)" is not a value'],
    [Array(51).fill('a=b').join(','), 'has 51 terms; at most 50'],
  ])('%j is refused: %s', (selector, complaint) => {
    expect(mistakeIn(selector)).toContain(complaint);
  });

  it('tells the one value that a key may have', () => {
    const read = parseSelector('cluster=eu-1,state in (Ready,Degraded)');
    const requirements = read.ok ? read.value : [];
    expect(onlyValue(requirements, 'cluster')).toBe('eu-1');
    expect(onlyValue(requirements, 'state')).toBeUndefined();
    expect(onlyValue(requirements, 'placement')).toBeUndefined();
  });
});
