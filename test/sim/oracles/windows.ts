import { must } from '../violation.ts';
import { wallStartMs } from '../virtual-time.ts';
import { isFrozenAt, isIn } from '../wish.ts';
import { type Judge, judgeOf, runningOf, startedBy } from './judge.ts';

/** A hub may act on what was in force so long ago: it is kept from seeing the newest. */
const staleMs = 120_000;
/** Hubs' clocks may be apart by so much. */
const skewMs = 5_000;

/** I10: nothing begins on a cluster inside a window that every commit closes which a hub could still believe in, but a rollback. */
export const keepsWindows: Judge = judgeOf(
  ['wave-opened', 'clusters-started', 'clusters-admitted'],
  (said) => {
    const rollout = runningOf(said, 'I10');
    const { ledger, world } = said.scene;
    const wallMs = wallStartMs + world.time.nowMs;
    const isInside = isFrozenAt(wallMs - skewMs) && isFrozenAt(wallMs + skewMs);
    if (rollout.plan.rolloutKind === 'rollback' || !isInside) return;
    const oldest = ledger.adoptions.findLastIndex((one) => one.storedAtMs <= wallMs - staleMs);
    const wishes = ledger.adoptions
      .slice(Math.max(0, oldest))
      .map(({ payload }) => world.repository.wishAt(payload.commit.id));
    for (const uid of startedBy(said.decision)) {
      const cluster = world.truth.clusterNow(uid);
      const isFrozen =
        cluster !== undefined &&
        wishes.every((wish) => wish?.frozen !== undefined && isIn(wish.frozen, cluster));
      const text = () =>
        `${rollout.plan.rollout} starts on ${world.truth.nameOf(uid)} inside a closed window`;
      must(!isFrozen, 'I10', text);
    }
  },
);
