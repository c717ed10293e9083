import { readFileSync } from 'node:fs';
import { type Epoch, foldEpoch, noEpoch } from '@flotilla/hub/core';
import type { DecisionEvent, EpochDecision } from '@flotilla/shared/model';
import { expect, it } from 'vitest';

interface StoredEpoch {
  readonly seq: number;
  readonly storedAtMs: number;
  readonly event: DecisionEvent<EpochDecision>;
}

/** The epoch's subject as it was stored once: a fleet begins, its log is lost, and a person confirms, at first the wrong one. */
const log = JSON.parse(
  readFileSync(new URL('./epoch.json', import.meta.url), 'utf8'),
) as readonly StoredEpoch[];

it('a recorded log of epochs folds to what it meant, event by event', () => {
  let epoch: Epoch = noEpoch;
  const seen = log.map(({ event: { payload }, seq, storedAtMs }) => {
    epoch = foldEpoch(epoch, { seq, storedAtMs, payload });
    return epoch;
  });
  const lost = { text: 'agents hold rows up to 1.40, the log ends at 6', sinceMs: 2_000 };
  expect(seen).toEqual([
    { epoch: 1, lastSeq: 1, unconfirmed: undefined },
    { epoch: 2, lastSeq: 7, unconfirmed: lost },
    { epoch: 2, lastSeq: 9, unconfirmed: lost },
    { epoch: 2, lastSeq: 12, unconfirmed: undefined },
  ]);
});
