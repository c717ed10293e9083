import { readFileSync } from 'node:fs';
import { emptyRolloutState, foldRollout, type StoredPlacementEvent } from '@flotilla/hub/core';
import type { PlacementName } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { stateJson } from './state-json.ts';

const made = [
  'cluster-failed',
  'cluster-forgotten',
  'clusters-admitted',
  'rollout-halted',
  'rollout-planned',
  'rollout-succeeded',
  'tick',
  'wave-opened',
  'wave-passed',
  'withdraw-approved',
  'withdraw-held',
];
const asked = [
  'cluster-failed',
  'cluster-skipped',
  'keep-lifted',
  'rejection-lifted',
  'rollout-cancelled',
  'rollout-halted',
  'rollout-paused',
  'rollout-planned',
  'rollout-resumed',
  'rollout-succeeded',
  'stage-approved',
  'wave-opened',
  'wave-passed',
  'wave-promoted',
];

const lost = [
  'prune-permitted',
  'rollout-planned',
  'rollout-succeeded',
  'rows-adopted',
  'wave-opened',
  'wave-passed',
];
const checked = [
  'check-failed',
  'check-passed',
  'rollout-planned',
  'rollout-resumed',
  'rollout-succeeded',
  'wave-opened',
  'wave-passed',
];
const urgent = ['release-urgent', 'rollout-planned', 'rollout-succeeded', 'wave-opened', 'wave-passed'];

function recorded(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${file}.json`, import.meta.url), 'utf8'));
}

/**
 * A placement's decisions as they were stored once. `decisions`: a first rollout, a canary that failed, a newer release, a
 * cluster that joined and one that was away, a rollback, a withdrawal that a person accepted, a cluster that fell silent,
 * and one that was removed. `operations`: what people ask, one after the other, an undo and two aborts among it. `urgent`: releases
 * that a person, or a commit, called urgent, the last one not planned yet. `lost`: what agents held was adopted after the log lost
 * decisions, one cluster's was known to nobody, and a person permitted a list of deletes. `checked`: webhook checks that passed, failed,
 * and passed again after a resume. What is in
 * a log stays there for years; whoever changes the fold sees here what it does to it.
 */
describe.each([
  ['decisions', 'state', made],
  ['operations', 'operations-state', asked],
  ['urgent', 'urgent-state', urgent],
  ['lost', 'lost-state', lost],
  ['checked', 'checked-state', checked],
])('a recorded log of %s', (file, state, kinds) => {
  const log = recorded(file) as readonly StoredPlacementEvent[];
  const empty = emptyRolloutState('shop' as PlacementName);

  it('holds every kind of decision that it is about', () => {
    expect([...new Set(log.map((one) => one.event.payload.kind))].sort()).toEqual(kinds);
  });

  it('folds to the recorded state', () => {
    expect(stateJson(log.reduce(foldRollout, empty))).toEqual(recorded(state));
  });

  it('folds to the same state when it is read twice, as after a reconnect', () => {
    const twice = [...log, ...log].reduce(foldRollout, empty);
    expect(stateJson(twice)).toEqual(recorded(state));
  });
});
