import { limits } from '@flotilla/shared/base';
import type { AssignmentRow, Delta, Row } from '@flotilla/shared/model';
import { claimOf } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import {
  assignmentOf,
  forged,
  helmVariantOf,
  placementOf,
  removalOf,
  variantOf,
} from '../../../../test/protocol/fleet.ts';
import type { LocalPolicy } from '../policy/index.ts';
import { policyWith } from '../policy/policy-fixture.ts';
import { judgeDelta } from './judge-delta.ts';

function judge(
  rows: readonly Row[],
  held: readonly Row[] = [],
  { policy, ...change }: Partial<Delta> & { readonly policy?: LocalPolicy } = {},
) {
  const delta: Delta = {
    nonce: 1,
    upserts: rows.filter((row) => row.kind === 'assignment'),
    removals: rows.filter((row) => row.kind === 'removal'),
    malformed: [],
    isComplete: true,
    ...change,
  };
  return judgeDelta(delta, new Map(held.map((row) => [row.placement, claimOf(row)])), {
    capabilities: [],
    policy,
  });
}

const held = assignmentOf({ placement: 'cart', seq: 10 });

describe('an agent judging a delta', () => {
  test('takes what is new and what is newer', () => {
    const newer = assignmentOf({ placement: 'cart', seq: 11 });
    const other = assignmentOf({ placement: 'shop', seq: 3 });

    expect(judge([newer, other], [held])).toEqual({ take: [newer, other], rejected: [] });
  });

  test.each([
    ['an older sequence', assignmentOf({ placement: 'cart', seq: 9 })],

    ['an older removal', removalOf({ placement: 'cart', seq: 9 })],
    ['its version from another decision', assignmentOf({ placement: 'cart', seq: 10, decision: 'other' })],
    ['its version as a removal', removalOf({ placement: 'cart', seq: 10 })],
    ['its version with other content', assignmentOf({ placement: 'cart', seq: 10 }, variantOf('other'))],
  ])('refuses %s as STALE', (_, row) => {
    expect(judge([row], [held])).toMatchObject({
      take: [],
      rejected: [{ placement: 'cart', code: 'STALE' }],
    });
  });

  test('refuses an older epoch however high its sequence', () => {
    const newEpoch = assignmentOf({ placement: 'cart', seq: 5, epoch: 2 });

    expect(judge([assignmentOf({ placement: 'cart', seq: 99 })], [newEpoch])).toMatchObject({
      take: [],
      rejected: [{ code: 'STALE', text: 'version 2.5 is held, 1.99 is older' }],
    });
  });

  test('takes the very row again: it may carry a new MAC or credential', () => {
    const again = forged(held);

    expect(judge([again], [held])).toEqual({ take: [again], rejected: [] });
  });

  test('does not let an old row come back to life after its removal', () => {
    expect(judge([held], [removalOf({ placement: 'cart', seq: 12 })])).toMatchObject({
      rejected: [{ code: 'STALE' }],
    });
  });

  test('refuses content that is not what its digest says', () => {
    const row: AssignmentRow = { ...held, variant: { ...variantOf('other'), digest: held.variant.digest } };

    expect(judge([row]).rejected).toMatchObject([
      { code: 'INVALID', text: expect.stringMatching(/^variant_digest: /) },
    ]);
  });

  test('refuses what it cannot do with the name of the field', () => {
    const row = assignmentOf({ placement: 'chart', seq: 1 }, helmVariantOf('chart'));

    expect(judge([row]).rejected).toMatchObject([
      { code: 'UNSUPPORTED', text: 'render.renderer: this agent cannot do helm (capability render.helm)' },
    ]);
  });

  test('refuses content of a repository that the cluster does not take, whatever the hub says, and no removal', () => {
    const elsewhere = { url: 'https://git.example.org/nothing-of-it', paths: undefined, signers: undefined };
    const policy = policyWith({ repositories: [elsewhere] });
    const refused = judge([assignmentOf({ placement: 'cart', seq: 1 })], [], { policy });

    expect(refused.take).toEqual([]);
    expect(refused.rejected).toMatchObject([
      { code: 'POLICY', text: expect.stringContaining('(repositories in policy.yaml)') },
    ]);
    const removal = removalOf({ placement: 'cart', seq: 11 });
    expect(judge([removal], [held], { policy }).take).toEqual([removal]);
  });

  test('answers malformed rows beside the good ones', () => {
    const malformed = [
      {
        placement: placementOf('bad'),
        version: { epoch: 1, seq: 2 },
        code: 'CAUSE_MISSING',
        text: 'cause: is missing',
      },
    ] as const;

    expect(judge([held], [], { malformed })).toEqual({ take: [held], rejected: malformed });
  });

  test('holds no more than the bound, and says which', () => {
    const many = Array.from({ length: limits.assignmentsPerClusterMax }, (_, index) =>
      assignmentOf({ placement: `p-${index}`, seq: 1 }),
    );
    const newer = assignmentOf({ placement: 'p-0', seq: 2 });

    const verdict = judge([newer, held], many);

    expect(verdict).toMatchObject({ take: [newer], rejected: [{ placement: 'cart', code: 'LIMIT' }] });
  });

  test('takes only one row of a placement', () => {
    const removal = removalOf({ placement: 'cart', seq: 11 });

    expect(judge([held, removal])).toMatchObject({ take: [held], rejected: [{ code: 'INVALID' }] });
  });
});
