import { describe, expect, it } from 'vitest';
import {
  type Decided,
  holdsAlways,
  isSaidUrgent,
  isStillWanted,
  must,
  newRows,
  rolloutOf,
  soakOf,
} from './played-history-fixture.ts';
import type { World } from './rollout-fixture.ts';
import type { Rollout } from './state.ts';

/** Clusters of the wave that a decision passes which its rollout gave a row and still wants something of. */
function membersOf({ world, before, payload }: Decided) {
  if (payload.kind !== 'wave-passed') return [];
  const rollout = rolloutOf(before, payload.rollout);
  return must(rollout.plan.waves[payload.wave]).clusters.flatMap((uid) => {
    const known = world.clusters.get(uid);
    const row = before.rows.get(uid);
    const { phase } = must(rollout.clusters.get(uid));
    const isMember = known !== undefined && isStillWanted(world, uid, rollout);
    return isMember ? [{ uid, known, row, phase, rollout, wave: payload.wave }] : [];
  });
}

type Member = ReturnType<typeof membersOf>[number];

/** Passes only because of what it says: it was given a row by this rollout, and neither failed nor was left out. */
function isJudged({ phase, row, rollout }: Member): boolean {
  return phase.kind === 'issued' && row?.rollout === rollout.id;
}

function wasPromoted(world: World, { rollout, wave }: Member): boolean {
  return world.log.some(
    ({ event: { payload } }) =>
      payload.kind === 'wave-promoted' && payload.rollout === rollout.id && payload.wave === wave,
  );
}

/** How many failures a wave may have: shares rounded down, from the plan itself. */
function allowedIn({ plan }: Rollout, wave: number): number {
  const { stage, clusters } = must(plan.waves[wave]);
  const { max } = plan.strategy.stages[stage]?.failure ?? plan.strategy.failure;
  return max.kind === 'count' ? max.count : Math.floor((max.percent / 100) * clusters.length);
}

describe('whatever happens to a fleet', () => {
  it('I1: a wave passes only when each of its clusters is Ready at exactly its row for the whole soak, failed or deferred', () => {
    holdsAlways((decided) => {
      for (const one of membersOf(decided)) {
        expect(one.phase.kind).not.toBe('waiting');
        if (!isJudged(one)) continue;
        const row = must(one.row);
        const fullMs = wasPromoted(decided.world, one) ? 0 : soakOf(row);
        const hurriedMs = Math.min(fullMs, Math.max(60_000, fullMs / 5));
        const soakMs = isSaidUrgent(decided, row.rollout) ? hurriedMs : fullMs;
        expect(one.known.report?.version).toEqual(row.version);
        expect(one.known.report?.state).toBe(row.target.kind === 'variant' ? 'Ready' : 'Removed');
        expect(one.known.report?.healthyForMs ?? 0).toBeGreaterThanOrEqual(soakMs);
      }
    });
  });

  it('I1: a wave passes only with as many failures as its stage allows', () => {
    holdsAlways((decided) => {
      const members = membersOf(decided);
      const [first] = members;
      if (first === undefined) return;
      const unwell = new Set<string>(first.rollout.plan.unwell);
      const failed = members.filter(({ phase, uid }) => phase.kind === 'failed' && !unwell.has(uid));
      expect(failed.length).toBeLessThanOrEqual(allowedIn(first.rollout, first.wave));
    });
  });

  it('I8: nothing passes on what was not heard freshly', () => {
    holdsAlways((decided) => {
      for (const one of membersOf(decided).filter(isJudged)) expect(one.known.isFresh).toBe(true);
    });
  });

  it('I8: no wave but the last passes without a success of its own, unless its release is proven or nobody is left', () => {
    holdsAlways((decided) => {
      const members = membersOf(decided);
      const [first] = members;
      if (first === undefined) return;
      const { plan } = first.rollout;
      const isLast = first.wave + 1 === plan.waves.length;
      const isProven = plan.release !== undefined && plan.release.digest === plan.stable?.digest;
      const counted = members.filter(
        ({ phase }) => phase.kind === 'failed' || (phase.kind === 'deferred' && phase.reason === 'offline'),
      );
      const isAway = must(plan.waves[first.wave]).isAway;
      if (isLast || isProven || isAway || counted.length === 0) return;
      expect(members.filter(isJudged).length).toBeGreaterThan(0);
    });
  });

  it('I8: no wave of which nobody is left passes before anybody of its rollout became Ready, but the last of a removal', () => {
    holdsAlways((decided) => {
      const { before, payload } = decided;
      if (payload.kind !== 'wave-passed') return;
      const { clusters, plan } = rolloutOf(before, payload.rollout);
      const isUngated = plan.strategy.minSamplesPercent === 0;
      const isLast = payload.wave + 1 === plan.waves.length;
      if (isUngated || (isLast && plan.rolloutKind === 'withdraw')) return;
      const isAnybodyReady = [...clusters.values()].some(({ phase }) => phase.kind === 'ready');
      expect(isAnybodyReady || membersOf(decided).length > 0).toBe(true);
    });
  });

  it('I8: no rollout of a release that is not proven ends without a success', () => {
    holdsAlways(({ before, payload }) => {
      if (payload.kind !== 'rollout-succeeded') return;
      const { clusters, plan } = rolloutOf(before, payload.rollout);
      if (plan.release === undefined || plan.release.digest === plan.stable?.digest) return;
      const members = [...clusters.values()].filter(({ phase }) => phase.kind !== 'deferred');
      if (members.length === 0) return;
      expect(members.some(({ phase }) => phase.kind === 'ready')).toBe(true);
    });
  });

  it('I2: whoever gets a row has a token for exactly that, and no more change at once than the cap, but by a rollback', () => {
    holdsAlways((decided) => {
      const { before, draft, world } = decided;
      const started = newRows(decided);
      expect(started.map(([uid]) => uid).toSorted()).toEqual((draft.tokens?.takes.clusters ?? []).toSorted());
      for (const [, row] of started) expect(draft.tokens?.takes.rollout).toBe(row.rollout);
      // A cap that was lowered ends no change; a rollback is not held.
      if (before.active?.plan.rolloutKind === 'rollback') return;
      const { changing } = decided;
      expect(changing.after).toBeLessThanOrEqual(Math.max(must(world.fleet.caps).max, changing.before));
    });
  });

  it('I10: nothing starts on a cluster inside a closed window, but a rollback, and what is urgent where that is exempt', () => {
    holdsAlways((decided) => {
      const { before, world } = decided;
      for (const [uid, row] of newRows(decided)) {
        const isRollback = before.active?.id === row.rollout && before.active.plan.rolloutKind === 'rollback';
        const isExempt = world.fleet.exemptsUrgent && isSaidUrgent(decided, row.rollout);
        const name = world.clusters.get(uid)?.cluster.name ?? '';
        if (!isRollback && !isExempt) expect([...world.fleet.closed.keys()]).not.toContain(name);
      }
    });
  });

  it('I8: nobody is given a row while the hub is impaired, but by a rollback', () => {
    holdsAlways((decided) => {
      const { before, world } = decided;
      if (world.hubHealthySinceMs !== undefined) return;
      for (const [, row] of newRows(decided)) {
        expect(before.active).toMatchObject({ id: row.rollout, plan: { rolloutKind: 'rollback' } });
      }
    });
  });
});
