import { assert } from '@flotilla/shared/base';
import type { PlacementDecision } from '@flotilla/shared/model';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { DraftDecision } from './evidence.ts';
import { foldRollout } from './fold.ts';
import { fleet, type Happening, happen, happening } from './happenings-fixture.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest } from './samples-fixture.ts';
import type { RolloutState } from './state.ts';

/** Up to sixty happenings. */
export const history = fc.array(happening, { minLength: 1, maxLength: 60 });

/** A fleet of eight to which all this happened; every decision was checked against the world as it was at that moment. */
export function play(happenings: readonly Happening[], strategy = canaryThenRest()): World {
  const world = new World(fleet.slice(0, 8));
  world.strategy = strategy;
  world.push('one');
  for (const one of happenings) {
    happen(world, one);
    for (let round = 0; round < 20 && checkedLook(world).length > 0; round += 1);
  }
  return world;
}

/** A look whose every decision is checked against the world as it is at that moment, by rules written down here again. */
function checkedLook(world: World): readonly DraftDecision[] {
  let before = world.state;
  const changingBefore = world.fleet.budget;
  const events = world.look();
  const appended = world.log.slice(world.log.length - events.length);
  for (const [index, stored] of appended.entries()) {
    const after = foldRollout(before, stored);
    checkDecision(world, before, after, stored.event);
    checkStarts(world, before, { after, draft: must(events[index]) });
    before = after;
  }
  const { budget, caps } = world.fleet;
  const isRollback = before.active?.plan.rolloutKind === 'rollback';
  const changing = Math.max(must(caps).max, changingBefore.changing.size);
  // I2: never more at once than the cap, or than there were when it was lowered; a rollback is not held.
  if (!isRollback && events.length > 0) expect(budget.changing.size).toBeLessThanOrEqual(changing);
  return events;
}

/** I2, I10: whoever gets a row has a token for exactly that, and no change window is closed for it. */
function checkStarts(
  world: World,
  before: RolloutState,
  { after, draft }: { readonly after: RolloutState; readonly draft: DraftDecision },
): void {
  const started = [...after.rows].filter(([uid, row]) => before.rows.get(uid) !== row);
  expect(started.map(([uid]) => uid).toSorted()).toEqual((draft.tokens?.takes.clusters ?? []).toSorted());
  for (const [uid, row] of started) {
    expect(draft.tokens?.takes.rollout).toBe(row.rollout);
    const name = world.clusters.get(uid)?.cluster.name ?? '';
    if (before.active?.plan.rolloutKind !== 'rollback')
      expect([...world.fleet.closed.keys()]).not.toContain(name);
  }
}

function checkDecision(world: World, before: RolloutState, after: RolloutState, draft: DraftDecision): void {
  const { payload } = draft;
  if (payload.kind === 'wave-passed') expectEveryoneSettled(world, before, payload);
  if (payload.kind === 'wave-opened') {
    const rollout = [before.active, before.withdraw].find((one) => one?.id === payload.rollout);
    expect(['planned', 'passed']).toContain(rollout?.status.kind);
    expect(rollout?.isPaused).toBe(false);
  }
  if (payload.kind === 'cluster-failed' && payload.failure === 'lost') {
    expect(world.hubHealthySinceMs).toBeDefined();
    const row = must(before.rows.get(payload.cluster));
    expect(before.timeMs).toBeGreaterThanOrEqual(row.issuedAtMs + 60_000 + 300_000);
  }
  for (const [uid, row] of after.rows) {
    const old = before.rows.get(uid);
    if (old === row) continue;
    expect(row.version.seq).toBeGreaterThan(old?.version.seq ?? 0);
    if (row.target.kind === 'removal') expectWantedGone(world, before, uid);
  }
}

/** I1, I8: every cluster of the wave has fresh Ready of exactly its row for the whole soak, or failed, or is deferred. */
function expectEveryoneSettled(
  world: World,
  before: RolloutState,
  payload: { readonly rollout: string; readonly wave: number },
): void {
  const rollout = must([before.active, before.withdraw].find((one) => one?.id === payload.rollout));
  let successes = 0;
  for (const uid of must(rollout.plan.waves[payload.wave]).clusters) {
    const phase = must(rollout.clusters.get(uid)).phase.kind;
    const row = before.rows.get(uid);
    const known = world.clusters.get(uid);
    if (known !== undefined && isWanted(world, uid, rollout.plan.rolloutKind === 'withdraw'))
      expect(phase).not.toBe('waiting');
    if (phase !== 'issued' || row?.rollout !== rollout.id || known === undefined) continue;
    if (!isWanted(world, uid, rollout.plan.rolloutKind === 'withdraw')) continue;
    expect(known.isFresh).toBe(true);
    expect(known.report?.version).toEqual(row.version);
    const isPromoted = world.log.some(({ event }) => isPromotion(event.payload, payload));
    const soakMs = isPromoted || row.target.kind !== 'variant' ? 0 : row.target.variant.health.soakMs;
    expect(known.report?.state).toBe(row.target.kind === 'variant' ? 'Ready' : 'Removed');
    expect(known.report?.healthyForMs ?? 0).toBeGreaterThanOrEqual(soakMs);
    successes += 1;
  }
  const isLast = payload.wave + 1 === rollout.plan.waves.length;
  const counted = must(rollout.plan.waves[payload.wave]).clusters.filter((uid) => {
    const { phase } = must(rollout.clusters.get(uid));
    return phase.kind === 'failed' || (phase.kind === 'deferred' && phase.reason === 'offline');
  });
  const isProven = rollout.plan.release?.digest === rollout.plan.stable?.digest;
  if (!isLast && counted.length > 0 && !isProven) expect(successes).toBeGreaterThan(0);
}

function isPromotion(
  payload: PlacementDecision,
  of: { readonly rollout: string; readonly wave: number },
): boolean {
  return payload.kind === 'wave-promoted' && payload.rollout === of.rollout && payload.wave === of.wave;
}

function isWanted(world: World, uid: string, isRemoval: boolean): boolean {
  const { desired } = world;
  if (desired.kind === 'unresolved') return true;
  const isMatched = desired.kind === 'release' && [...desired.targets.keys()].some((one) => one === uid);
  return isRemoval ? !isMatched : isMatched;
}

/** I18: a removal row is for a cluster that is positively not wanted; many at once only with a person's yes. */
function expectWantedGone(world: World, before: RolloutState, uid: string): void {
  const { desired } = world;
  if (desired.kind === 'release') expect([...desired.targets.keys()]).not.toContain(uid);
  const planned = must(before.withdraw).plan;
  const targets = Object.keys(planned.targets);
  const mayLeave = Math.max(1, Math.floor(fleet.length / 10));
  if (targets.length > mayLeave) {
    const approvals = world.log.flatMap(({ event, seq }) =>
      event.payload.kind === 'withdraw-approved' && seq <= before.lastSeq ? [event.payload.clusters] : [],
    );
    const approved = new Set(approvals.flat());
    expect(targets.every((one) => approved.has(one as never))).toBe(true);
  }
}

/** What the machine promises to be there. */
function must<Value>(value: Value | undefined): Value {
  assert(value !== undefined, 'a decision speaks of what is there');
  return value;
}
