import { parseCel } from '@flotilla/shared/base/cel';
import type { HealthRule, KubeObject } from '@flotilla/shared/model';
import { refOf } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { compileRules } from './health-rules.ts';
import { judge } from './judge.ts';

const widget = (rest: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  metadata: { name: 'one', namespace: 'shop', ...metadata },
  ...rest,
});

function judged(object: KubeObject, rules: readonly HealthRule[], isWhole = true) {
  const health = judge(
    [
      {
        ref: refOf(object),
        sight: { kind: 'present', object, isWhole, seenAtMs: 0, hasStatus: true, troubles: [] },
      },
    ],
    { deadlineMs: 60_000, rules: compileRules(rules, parseCel) },
    { startedMs: 0, nowMs: 20_000 },
  );
  return health.verdicts[0]?.verdict;
}

const rule = (cel: string, target: HealthRule['target'] = { kind: 'Widget' }): HealthRule => ({
  target,
  cel,
});
const isUp = rule('status.phase == "Up"');

describe('a health rule of a placement', () => {
  it.each([
    ['true', { phase: 'Up' }, 'Current', ''],
    ['false', { phase: 'Down' }, 'InProgress', 'RuleNotMet'],
    ['a missing field', { other: 1 }, 'InProgress', 'RuleNoAnswer'],
    ['no status at all', undefined, 'InProgress', 'RuleNoAnswer'],
    ['a status that is no object', 'Up', 'InProgress', 'RuleNoAnswer'],
    ['types that do not fit', { phase: { a: 1 } }, 'InProgress', 'RuleNotMet'],
  ])('of %s judges', (_name, status, verdict, reason) => {
    expect(judged(widget(status === undefined ? {} : { status }), [isUp])).toMatchObject({
      status: verdict,
      reason,
    });
  });

  it('replaces what the built-in rules say, both ways', () => {
    const unready = widget({ status: { phase: 'Up', conditions: [{ type: 'Ready', status: 'False' }] } });
    expect(judged(unready, [])).toMatchObject({ status: 'InProgress' });
    expect(judged(unready, [isUp])).toMatchObject({ status: 'Current' });
    const stalled = widget({ status: { phase: 'Up', conditions: [{ type: 'Stalled', status: 'True' }] } });
    expect(judged(stalled, [isUp])).toMatchObject({ status: 'Current' });
    expect(judged(widget({ status: { phase: 'Down' } }), [])).toMatchObject({ status: 'Current' });
  });

  it('fails what it is about when it is neither true nor false, and says what it is', () => {
    expect(judged(widget({ status: { phase: 'Up' } }), [rule('status.phase')])).toMatchObject({
      status: 'Failed',
      reason: 'RuleNotBoolean',
      message: 'the rule status.phase is a text, not true or false',
    });
  });

  it.each([
    [rule('nope == 1'), 'there is no "nope" here'],
    [rule('status.phase =='), 'line 1'],
    [
      rule('true', { kind: 'Widget', labelSelector: '???' }),
      'labelSelector: "???" is not a label requirement',
    ],
  ])('that nobody can read fails what it is about: %o', (broken, text) => {
    expect(judged(widget({ status: {} }), [broken])).toMatchObject({
      status: 'Failed',
      reason: 'RuleUnreadable',
      message: expect.stringContaining(text) as string,
    });
  });

  it('never repeats what is in a Secret', () => {
    const secret = { ...widget(), apiVersion: 'v1', kind: 'Secret', data: { pin: 'aHVudGVy' } };
    const verdict = judged(secret, [rule('semver(object.data.pin) > "1"', { kind: 'Secret' })]);
    expect(verdict).toMatchObject({ status: 'InProgress', reason: 'RuleNoAnswer' });
    expect(JSON.stringify(verdict)).not.toContain('aHVudGVy');
  });

  it('proves nothing by the status of an older generation, nor of an object that goes', () => {
    const status = { phase: 'Up', observedGeneration: 1 };
    expect(judged(widget({ status }, { generation: 2 }), [isUp])).toMatchObject({
      reason: 'LatestGenerationNotObserved',
    });
    expect(judged(widget({ status }, { deletionTimestamp: 'now' }), [isUp])).toMatchObject({
      status: 'Terminating',
    });
  });

  it('is about what its target matches, by kind, name and the labels on the cluster', () => {
    const down = widget({ status: { phase: 'Down' } }, { labels: { tier: 'front' } });
    const about = (target: HealthRule['target']) =>
      judged(down, [rule('status.phase == "Up"', target)])?.status;
    expect(about({})).toBe('InProgress');
    expect(about({ group: 'example.org', kind: 'Widget', name: 'one', namespace: 'shop' })).toBe(
      'InProgress',
    );
    expect(about({ labelSelector: 'tier=front' })).toBe('InProgress');
    expect(about({ labelSelector: 'tier=back' })).toBe('Current');
    expect(about({ name: 'two' })).toBe('Current');
    expect(about({ group: 'example.com' })).toBe('Current');
  });

  it('holds together with all others that match: the worst decides', () => {
    const both = (...texts: readonly string[]) =>
      judged(
        widget({ status: { phase: 'Up' } }),
        texts.map((text) => rule(text)),
      )?.status;
    expect(both('true', 'true')).toBe('Current');
    expect(both('true', 'false')).toBe('InProgress');
    expect(both('false', 'status.phase')).toBe('Failed');
  });

  it('never judges an object that was not read whole: what is missing may only be not read', () => {
    const target = { kind: 'Widget', labelSelector: 'tier=back' };
    expect(judged(widget(), [rule('!has(status.broken)')], false)).toMatchObject({
      status: 'Unknown',
      reason: 'NotReadYet',
    });
    // Labels are among what is not read.
    expect(judged(widget(), [rule('true', target)], false)?.status).toBe('Unknown');
    expect(judged(widget(), [rule('true', { kind: 'Gadget' })], false)?.status).toBe('Current');
  });
});
