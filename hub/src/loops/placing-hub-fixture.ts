import { type ClusterUid, type PlacementName, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { decisionFormat } from '@flotilla/shared/model';
import { onTestFinished } from 'vitest';
import { memoryDecisionLog } from '../../../test/fakes/index.ts';
import type { RolloutRequest } from '../api-port.ts';
import { seen } from '../core/fleet-spec/spec-fixture.ts';
import { sourceOf } from '../core/release/release-fixture.ts';
import { World } from '../core/rollout/rollout-fixture.ts';
import { commitOf, hub } from '../core/rollout/samples-fixture.ts';
import { controlSubject } from './append.ts';
import { idOf, never, startHub } from './deciding-hub-fixture.ts';
import { operateRollout } from './operate-rollout.ts';
import { startPlacing } from './place.ts';
import { startRollouts } from './rollout.ts';

/** A hub process that places and rolls out what this text says; its looks at Git wait while `holdGit` is on. */
export async function startPlacingHub(text: string, clusters: readonly string[]) {
  const log = memoryDecisionLog(manualClock());
  const event = {
    format: decisionFormat,
    id: idOf(1, 'k'),
    atMs: 0,
    actor: hub,
    expectedSeq: 0,
    evidence: undefined,
  };
  const adopted = { commit: commitOf(9), ref: 'main', sources: {}, files: {}, broken: {} };
  await log.append(controlSubject, { ...event, payload: { kind: 'control-adopted', ...adopted } }, never);
  const { deps, fleet } = await startHub(log, new World(clusters));
  const connect = (uid: ClusterUid) =>
    fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
  const git: { read: Promise<void> } = { read: Promise.resolve() };
  const snapshots = {
    texts: new Map(),
    verify: async () => {},
    readTexts: async () => {},
    read: async () => {
      await git.read;
      return sourceOf({ 'apps/shop/a.yaml': 'x', 'apps/net/a.yaml': 'x' });
    },
  };
  const stopping = new AbortController();
  const rest = { ...deps, random: seededRandom(1), log: silentLogger };
  const inForce = { files: seen({ 'a.yaml': text }) };
  const files = { readInForce: async () => inForce };
  // Of a hub's Git side only what placing calls is here.
  const placing = startPlacing(
    { ...rest, files, snapshots, pollIntervalMs: 30_000 } as never,
    stopping.signal,
  );
  const rolling = startRollouts(rest, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await Promise.all([placing.ended, rolling.ended]);
  });
  return {
    fleet,
    connect,
    /** Lets time pass, in steps of so many seconds. */
    pass: async (seconds: number, step = 1) => {
      for (let second = 0; second < seconds; second += step) await deps.clock.advance(step * 1_000);
    },
    /** A person asks for something about a placement. */
    operate: (operation: RolloutRequest['operation'], name: PlacementName, reason: string) => {
      const target = { kind: 'placement', name } as const;
      const by = { actor: 'ada', reason };
      return operateRollout(deps, { target, operation, expectedSeq: undefined, by }, never);
    },
    holdGit(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      git.read = promise;
      return resolve;
    },
    rowsOf: (name: PlacementName) => [...fleet.placementOf(name).state.rows.values()],
  };
}
