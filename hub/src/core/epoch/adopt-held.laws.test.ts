import type { ClusterUid, Digest, EventId } from '@flotilla/shared/base';
import { compareVersions, decisionFormat, type RowsAdopted, zeroDigest } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldRollout, type RolloutState } from '../rollout/index.ts';
import { hub } from '../rollout/samples-fixture.ts';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { type Adopting, adoptHeld, type HeldClaim, hasUnexplained } from './adopt-held.ts';

const names = ['cbb', 'cbc', 'cbd'];
const world = stableWorld(names);
world.push('two');
const { desired, state } = world;
const uids = [...world.clusters.keys()];
const standing = [...state.rows.values()][0]!;
const held = standing.target.kind === 'variant' ? standing.target.variant.digest : zeroDigest;
const wanted = desired.kind === 'release' ? [...desired.variants.keys()][0]! : zeroDigest;
const strange = 'f'.repeat(64) as Digest;
const epoch = 2;
/** The log has every event that agents saw, but those whose hash is the strange one. */
const isLogged: Adopting['isLogged'] = (_seq, hash) => hash !== strange;

const claim: fc.Arbitrary<HeldClaim> = fc.record({
  cluster: fc.constantFrom(...uids),
  version: fc.record({
    epoch: fc.constantFrom(1, 2),
    seq: fc.integer({ min: 1, max: standing.version.seq + 40 }),
  }),
  variantDigest: fc.constantFrom(held, wanted, strange, zeroDigest),
  eventHash: fc.constantFrom(standing.eventHash, strange),
});
const claims = fc.uniqueArray(claim, { selector: (one) => one.cluster, maxLength: names.length });

function folded(before: RolloutState, payload: RowsAdopted): RolloutState {
  const seq = before.lastSeq + 1;
  const event = {
    format: decisionFormat,
    id: 'e'.repeat(26) as EventId,
    atMs: 0,
    actor: hub,
    expectedSeq: before.lastSeq,
    evidence: undefined,
    payload,
  };
  return foldRollout(before, { seq, storedAtMs: 0, hash: strange, epoch, event });
}

describe('after the log lost decisions', () => {
  test('I24: what agents hold becomes what the log says, newer and with the same content; nothing else changes', () => {
    fc.assert(
      fc.property(claims, (all) => {
        const payload = adoptHeld({ state, desired, epoch, isLogged }, all);
        const after = payload === undefined ? state : folded(state, payload);
        for (const uid of uids) {
          const [before, row] = [state.rows.get(uid), after.rows.get(uid)];
          const one = all.find(({ cluster }) => cluster === uid);
          if (row === before) continue;
          expect(one?.version.epoch).toBe(1);
          if (row === undefined) expect(one?.variantDigest).toBe(strange);
          else {
            expect(compareVersions(row.version, one!.version)).toBeGreaterThan(0);
            expect(row.mode).toBe('adopt');
            const digest = row.target.kind === 'variant' ? row.target.variant.digest : zeroDigest;
            expect(digest).toBe(one?.variantDigest);
          }
        }
      }),
    );
  });

  test('I24: no row is left that is older than what an agent holds', () => {
    fc.assert(
      fc.property(claims, (all) => {
        const payload = adoptHeld({ state, desired, epoch, isLogged }, all);
        const after = payload === undefined ? state : folded(state, payload);
        for (const one of all.filter(({ version }) => version.epoch === 1)) {
          const row = after.rows.get(one.cluster);
          if (row === undefined) continue;
          const order = compareVersions(row.version, one.version);
          expect(order > 0 || (order === 0 && row.eventHash === one.eventHash)).toBe(true);
          if (one.eventHash === strange) expect(row.version.epoch).toBe(epoch);
        }
      }),
    );
  });

  test('the same claims again give nothing new', () => {
    fc.assert(
      fc.property(claims, (all) => {
        const payload = adoptHeld({ state, desired, epoch, isLogged }, all);
        const after = payload === undefined ? state : folded(state, payload);
        expect(adoptHeld({ state: after, desired, epoch, isLogged }, all)).toBeUndefined();
      }),
    );
  });

  test('a claim is adopted though the log went on past it, unless the log has its event, or nobody remembers which it had', () => {
    const { version, eventHash } = standing;
    const cluster = uids.find((uid) => state.rows.get(uid) === standing)!;
    const older = { epoch: 1, seq: version.seq - 1 };
    const claim: HeldClaim = { cluster, version: older, variantDigest: wanted, eventHash };
    const adoptedIf = (answer: boolean | undefined) =>
      adoptHeld({ state, desired, epoch, isLogged: () => answer }, [claim])?.targets;

    expect(adoptedIf(false)).toEqual({ [cluster]: { kind: 'variant', digest: wanted } });
    expect([true, undefined].map(adoptedIf)).toEqual([undefined, undefined]);
  });

  test('nothing is given up while nobody can say what Git asks for', () => {
    const unresolved = { kind: 'unresolved', reasons: [] } as const;
    const version = { epoch: 1, seq: standing.version.seq + 9 };
    const unknown: HeldClaim = { cluster: uids[0]!, version, variantDigest: strange, eventHash: strange };
    expect(adoptHeld({ state, desired: unresolved, epoch, isLogged }, [unknown])).toBeUndefined();
    expect(hasUnexplained({ state, desired: unresolved, epoch, isLogged }, [unknown])).toBe(true);
    expect(adoptHeld({ state, desired, epoch, isLogged }, [unknown])?.unknown).toEqual([uids[0]]);
  });

  test('a removal that the log does not know of deletes nothing', () => {
    const version = { epoch: 1, seq: standing.version.seq + 9 };
    const removed = {
      cluster: uids[0] as ClusterUid,
      version,
      variantDigest: zeroDigest,
      eventHash: strange,
    };
    for (const onUnmatch of [undefined, 'prune', 'orphan'] as const) {
      const adopted = adoptHeld({ state: { ...state, onUnmatch }, desired, epoch, isLogged }, [removed]);
      expect(adopted?.targets).toEqual({ [uids[0]!]: { kind: 'removal', mode: 'orphan' } });
    }
  });
});
