import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
import { memberOf } from '@flotilla/shared/model';
import { must } from '../violation.ts';
import { type Judge, judgeOf } from './judge.ts';

/** A hub may not have heard yet what another one appended, and an append of its own is on its way. */
const lateMs = 5_000;

/** I24: the epoch is raised when the log has lost something, and not otherwise. */
export const raisesForCause: Judge = ({ event: { payload } }, { world }) => {
  if (payload.kind !== 'epoch-raised' || payload.epoch === 1) return;
  must(world.raw.losses > 0, 'I24', () => `epoch ${payload.epoch} is raised, but the log lost nothing`);
};

/** I24: after a loss nothing begins until a person has looked. */
export const waitsForConfirmation: Judge = judgeOf(
  ['rollout-planned', 'wave-opened', 'clusters-started', 'clusters-admitted'],
  ({ decision, placement, raw, scene }) => {
    const sinceMs = scene.ledger.unconfirmedSinceMs;
    const isHeld = sinceMs !== undefined && raw.storedAtMs > sinceMs + lateMs;
    must(!isHeld, 'I24', () => `${decision.kind} of ${placement} in an epoch that nobody confirmed`);
  },
);

/** I24: what is written down again of a cluster is what its agent holds, as something newer. */
export const adoptsWhatIsHeld: Judge = judgeOf(['rows-adopted'], ({ decision, placement, scene }) => {
  for (const [uid, target] of Object.entries(decision.targets)) {
    // Both are texts that the simulation made.
    const row = scene.world.agents.get(uid as ClusterUid)?.disk.get(placement as PlacementName);
    if (row === undefined) continue;
    const isSame =
      target.kind === 'removal' ? row.kind === 'removal' : memberOf(row).variantDigest === target.digest;
    const text = () => `${scene.world.truth.nameOf(uid)} holds another ${placement} than was written down`;
    must(isSame, 'I24', text);
  }
});
