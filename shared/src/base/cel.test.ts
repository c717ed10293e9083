import { describe, expect, it } from 'vitest';
import { parseCel } from './cel.ts';
import { limits } from './limits.ts';

const object = {
  spec: { replicas: 3, weight: 0.5, tags: ['a', 'b'] },
  status: { phase: 'Ready', conditions: [{ type: 'Available', status: 'True' }] },
};

function ask(text: string, data: unknown = object) {
  const parsed = parseCel(text, ['object']);
  if (!parsed.ok) return parsed.error;
  const answer = parsed.value.evaluate({ object: data });
  return answer.ok ? answer.value : answer.error;
}

describe('an expression', () => {
  it.each([
    ['object.status.phase == "Ready"', true],
    ['object.spec.replicas + 1 == 4', true],
    ['object.spec.replicas > 3', false],
    ['object.spec.weight < 1.0', true],
    ['has(object.status.reason)', false],
    ['object.status.conditions.exists(c, c.type == "Available" && c.status == "True")', true],
    ['"a" in object.spec.tags && size(object.spec.tags) == 2', true],
    ['object.status.phase.matches("^Re")', true],
    ['type(object.status.phase) == string', true],
  ])('%s is %s', (text, answer) => {
    expect(ask(text)).toBe(answer);
  });

  it('without a field that it needs has no answer yet, and says which', () => {
    expect(ask('object.status.missing == 1')).toEqual({ kind: 'error', text: 'field not found: missing' });
  });

  it('with types that do not fit has no answer', () => {
    expect(ask('object.status.phase + 1 == 2')).toMatchObject({ kind: 'error' });
  });

  it('that is neither true nor false says what it is instead', () => {
    expect(ask('object.status.phase')).toEqual({ kind: 'not-boolean', text: 'is a text, not true or false' });
    expect(ask('object.spec.tags')).toMatchObject({ kind: 'not-boolean' });
  });

  it('is never asked about more data than it may look at', () => {
    const tags = Array.from({ length: limits.celDataNodesMax }, () => 1);
    expect(ask('true', { tags })).toMatchObject({ text: expect.stringContaining('more than 50000 values') });
  });
});

describe('a mistake in an expression is found where it is written', () => {
  it.each([
    ['object.a ==', 'line 1, column 10: found = but expecting end of input'],
    ['objekt.a', 'there is no "objekt" here'],
    ['object.all(x, y)', 'there is no "y" here'],
    ['ready(object)', 'there is no function "ready"'],
    ['', 'line 1, column 1: '],
    [
      'object.all(a, object.all(b, object.all(c, true)))',
      'more than 2 macros (all, exists, map, filter) inside',
    ],
    [`${'!'.repeat(200)}(object.a)`.replaceAll('!', '['), 'line 1'],
    [`${'('.repeat(150)}1${'+1)'.repeat(150)} > 1`, 'is nested deeper than 100'],
    [`"${'x'.repeat(limits.celTextMax)}" == ""`, 'is longer than 4096 characters'],
  ])('%s', (text, complaint) => {
    expect(ask(text)).toContain(complaint);
  });

  it('also when it is deeper than any stack', () => {
    expect(typeof ask('('.repeat(limits.celTextMax))).toBe('string');
  });
});

describe('semver()', () => {
  const facts = { kubernetes: 'v1.29.3+k3s1', other: 'none' };
  function verdict(text: string) {
    const parsed = parseCel(text, ['facts'], { fields: { facts: ['kubernetes', 'other'] } });
    if (!parsed.ok) return parsed.error;
    const answer = parsed.value.evaluate({ facts });
    return answer.ok ? answer.value : answer.error.text;
  }

  it.each([
    ["facts.kubernetes >= semver('1.29')", true],
    ["facts.kubernetes >= semver('1.9')", true],
    ["facts.kubernetes < semver('1.30')", true],
    ["semver('1.29.3') == semver(facts.kubernetes)", true],
    ["semver('1.29.3') <= facts.kubernetes && semver('1.29.3') >= facts.kubernetes", true],
    ["facts.kubernetes > semver('1.29.3')", false],
    ["facts.kubernetes.startsWith('v1.29')", true],
    ["facts.kubernetes == 'v1.29.3+k3s1'", true],
    ["facts.other >= semver('1.29')", '"none" is not a version such as 1.29 or v1.29.3'],
    ["facts.kubernetes >= semver('new')", '"new" is not a version such as 1.29 or v1.29.3'],
    ['facts.kubernetes >= semver(1)', expect.stringContaining('no matching overload')],
    ["facts.kubernetes == semver('1.29.3')", expect.stringContaining('write semver() on both sides')],
    ["facts.kubernetes >= '1.9'", expect.stringContaining("write semver('1.29') for a version")],
    ['facts.kubernets == "x"', 'facts has no "kubernets", only kubernetes, other'],
  ])('%s is %s', (text, answer) => {
    expect(verdict(text)).toEqual(answer);
  });

  it('tells which variables an expression reads', () => {
    const parsed = parseCel('labels.env == "a" && [1].exists(x, x == 1)', ['labels', 'facts', 'name']);
    expect(parsed.ok && [...parsed.value.reads]).toEqual(['labels']);
  });
});
