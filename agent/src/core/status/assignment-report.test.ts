import { describe, expect, it } from 'vitest';
import { blocked, commit, digest, healthOf, planOf, ref, report } from './status-fixture.ts';

describe('reportOf', () => {
  it('tells how long it has been healthy only while Ready', () => {
    expect(report()).toMatchObject({ state: 'Ready', healthyForMs: 1_234, appliedCommit: commit });
    expect(report({ health: healthOf('InProgress') })).toMatchObject({ healthyForMs: 0 });
  });

  it('groups failing objects by fingerprint and hides what is said about Secrets', () => {
    const refused = {
      ...blocked(true),
      text: 'apply Secret shop/key: data.password: Invalid value: "hunter2-hunter2-hunter2"',
    };
    const told = report({ plan: planOf({ isApplied: false, blocked: [refused] }) });
    expect(told.failing[0]).toMatchObject({
      reason: 'ApplyForbidden',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify(told.failing)).not.toContain('hunter2');
    expect(told.counts.failing).toBe(1);
  });

  it('lists a held prune by text', () => {
    const held = report({
      plan: planOf({ heldPrune: { listHash: digest, refs: [ref], reason: 'too many' } }),
    });
    expect(held.heldPrune).toEqual({
      listHash: digest,
      objects: ['Secret shop/key'],
      total: 1,
      reason: 'too many',
    });
  });
});
