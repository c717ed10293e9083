import type { Ledger } from '../ledger.ts';
import type { ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { type Judge, judgeOf, runningOf, type Scene, startedBy } from './judge.ts';

/**
 * I19: what another placement takes over is removed from a cluster only after that one has said of a row which names the take-over
 * that all of it is applied. Judged by rows: there are no objects here. Where a commit since the removal's cause does not ask for
 * the take-over on the cluster, a hub may have decided by that one.
 */
export const handsOver: Judge = judgeOf(['wave-opened', 'clusters-started', 'clusters-admitted'], (said) => {
  const { decision, scene, told } = said;
  const { ledger, world } = scene;
  const { plan } = runningOf(said, 'I19');
  if (plan.rolloutKind !== 'withdraw' || plan.cause.kind !== 'commit' || said.placement !== loser) return;
  const cause = plan.cause.commit;
  const first = ledger.adoptions.findLastIndex(({ payload }) => payload.commit.id === cause);
  const since = ledger.adoptions.slice(Math.max(0, first)).map((one) => world.truth.meaning(one, heir));
  for (const uid of startedBy(decision)) {
    const isToBeTakenOver = since.every(({ wants, wish }) => wish?.takesOverNet === true && wants(uid));
    const hadIt = told.rows.get(uid)?.target.kind === 'variant';
    if (!isToBeTakenOver || !hadIt || world.truth.wasEverGone(uid)) continue;
    const text = () =>
      `${plan.rollout} removes ${loser} from ${world.truth.nameOf(uid)}, and ${heir} has not taken it over there`;
    must(hasTakenOver(scene, uid), 'I19', text);
  }
});

/** The two placements of this world between which objects go over. */
const [loser, heir] = ['net', 'shop'];

function hasTakenOver({ ledger, world }: Scene, uid: string): boolean {
  const rows = [...ledger.of(heir).allRows.values()].filter((row) => namesTakeOver(ledger, row));
  return world.truth.everSaid(uid, ({ report }) =>
    report.assignments.some(
      ({ appliedVariantDigest, placement, version }) =>
        placement === heir &&
        rows.some(
          (row) =>
            row.version.seq === version.seq &&
            row.target.kind === 'variant' &&
            row.target.digest === appliedVariantDigest,
        ),
    ),
  );
}

function namesTakeOver(ledger: Ledger, { target }: ToldRow): boolean {
  if (target.kind === 'removal') return false;
  const plans = [...ledger.of(heir).rollouts.values()].map(({ plan }) => plan);
  return plans.some(({ variants }) => variants[target.digest]?.apply.takeOverFrom === loser);
}
