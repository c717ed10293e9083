import type { Digest } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import {
  beginTrial,
  isSilenceDue,
  judgeTrial,
  resumeTrial,
  type TrialInput,
  takenBackText,
} from './judge-trial.ts';
import { encodeTrial, parseTrial, type Trial } from './trial.ts';

const [before, changed, other] = ['a', 'b', 'c'].map((letter) => letter.repeat(64) as Digest) as [
  Digest,
  Digest,
  Digest,
];
const trial: Trial = {
  version: { epoch: 1, seq: 7 },
  variantDigest: changed,
  previousDigest: before,
  confirmMs: 300_000,
  silentMs: 0,
  isTakenBack: false,
};
const row = { version: trial.version, digest: changed };
const input: TrialInput = {
  trial,
  row,
  sinceMs: 1_000,
  appliedAtMs: 5_000,
  heardAtMs: undefined,
  others: [],
  nowMs: 10_000,
};

describe('a change on trial', () => {
  it.each<[string, Partial<TrialInput>, string]>([
    ['waits while nothing was heard yet', {}, 'waiting'],
    ['is confirmed by what is heard once it has settled', { heardAtMs: 35_000, nowMs: 35_000 }, 'confirmed'],
    ['is not confirmed by what is heard sooner', { heardAtMs: 34_999, nowMs: 40_000 }, 'waiting'],
    [
      'is not confirmed before all of it is applied',
      { appliedAtMs: undefined, heardAtMs: 200_000, nowMs: 200_000 },
      'waiting',
    ],
    ['is taken back after the whole time of silence', { nowMs: 301_000 }, 'take-back'],
    ['is not taken back a moment sooner', { nowMs: 300_999 }, 'waiting'],
    [
      'is taken back also when a part of it never got applied',
      { appliedAtMs: undefined, nowMs: 301_000 },
      'take-back',
    ],
    ['counts silence from when it was last heard', { heardAtMs: 6_000, nowMs: 305_999 }, 'waiting'],
    [
      'counts silence of earlier runs',
      { trial: { ...trial, silentMs: 290_000 }, nowMs: 11_000 },
      'take-back',
    ],
    [
      'forgets silence of earlier runs once something is heard',
      { trial: { ...trial, silentMs: 290_000 }, heardAtMs: 2_000, nowMs: 20_000 },
      'waiting',
    ],
    ['is over when another variant is wanted', { row: { ...row, digest: other }, nowMs: 900_000 }, 'over'],
    [
      'goes on with a newer row of the same variant',
      { row: { ...row, version: { epoch: 1, seq: 9 } } },
      'waiting',
    ],
    [
      'waits behind a newer one',
      { others: [{ version: { epoch: 1, seq: 8 }, isTakenBack: false }], nowMs: 900_000 },
      'waiting',
    ],
    [
      'does not wait for an older one',
      { others: [{ version: { epoch: 1, seq: 6 }, isTakenBack: false }], nowMs: 900_000 },
      'take-back',
    ],
    [
      'is over when a newer one was taken back instead',
      { others: [{ version: { epoch: 1, seq: 8 }, isTakenBack: true }], nowMs: 900_000 },
      'over',
    ],
    [
      'stays taken back for the same row',
      { trial: { ...trial, isTakenBack: true }, heardAtMs: 9_000 },
      'taken-back',
    ],
    [
      'is tried anew by the next row',
      { trial: { ...trial, isTakenBack: true }, row: { ...row, version: { epoch: 1, seq: 8 } } },
      'over',
    ],
  ])('%s', (_name, change, kind) => {
    expect(judgeTrial({ ...input, ...change }).kind).toBe(kind);
  });

  it('is looked at again after a tenth of its time, at most 10 s, and exactly at its end', () => {
    expect(judgeTrial(input)).toEqual({ kind: 'waiting', silentMs: 9_000, wakeAtMs: 20_000 });
    expect(judgeTrial({ ...input, nowMs: 298_000 })).toMatchObject({ wakeAtMs: 301_000 });
  });

  it('tells silence in whole milliseconds, as it is stored', () => {
    expect(judgeTrial({ ...input, nowMs: 1_234.9 })).toMatchObject({ silentMs: 234 });
  });

  it('has its silence written down every tenth of its time, and a new run gets a tenth to reach anybody', () => {
    expect(isSilenceDue(trial, 29_999)).toBe(false);
    expect(isSilenceDue(trial, 30_000)).toBe(true);
    expect(isSilenceDue({ ...trial, silentMs: 60_000 }, 0)).toBe(true);
    expect(resumeTrial({ ...trial, silentMs: 299_000 }).silentMs).toBe(270_000);
    expect(resumeTrial({ ...trial, silentMs: 30_000 }).silentMs).toBe(30_000);
  });

  it('says how long, and what runs again', () => {
    expect(takenBackText(trial)).toBe(
      'taken back: neither hub nor bus was heard for 5m after it; variant aaaaaaaaaaaa runs again until the next row',
    );
  });
});

describe('a trial begins', () => {
  const change = {
    confirmMs: 300_000,
    version: trial.version,
    variantDigest: changed,
    previousDigest: before,
    heardAtMs: 1_000,
    nowMs: 2_000,
  };
  it('with a change of a placement that asks for it', () => expect(beginTrial(change)).toEqual(trial));
  it.each<[string, Partial<Parameters<typeof beginTrial>[0]>]>([
    ['that nobody asked for', { confirmMs: undefined }],
    ['that has nothing before it', { previousDigest: undefined }],
    ['that is none', { previousDigest: changed }],
    ['before which nothing was heard', { heardAtMs: undefined }],
    ['before which nothing was heard for as long', { nowMs: 301_001 }],
  ])('never with one %s', (_name, less) => expect(beginTrial({ ...change, ...less })).toBeUndefined());
});

describe('a stored trial', () => {
  it('reads back as it was written', () => {
    const one = { ...trial, silentMs: 5, isTakenBack: true };
    expect(parseTrial(encodeTrial(one))).toEqual(one);
  });
  it.each([
    'variantDigest',
    'previousDigest',
    'epoch',
    'seq',
    'confirmMs',
    'silentMs',
    'isTakenBack',
    'format',
  ])('without %s is none', (field) => {
    // The record is an object, made two lines above.
    const { [field]: _gone, ...rest } = encodeTrial(trial) as Record<string, never>;
    expect(parseTrial(rest)).toBeUndefined();
  });
});
