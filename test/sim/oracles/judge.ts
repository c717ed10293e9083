import type { PlacementDecision } from '@flotilla/shared/model';
import type { Ledger } from '../ledger.ts';
import { placementDecision, placementOf, type RawEvent } from '../raw-log.ts';
import type { ToldPlacement, ToldRollout, ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import type { World } from '../world.ts';

/** What a judge looks at: the truth, and what the log said before the message. */
export interface Scene {
  readonly world: World;
  readonly ledger: Ledger;
}

/** Judges one message of the log at the moment it is stored; throws a Violation. */
export type Judge = (raw: RawEvent, scene: Scene) => void;

/** A message of a placement, with what the log said of the placement before it. */
export interface Said<Kind extends PlacementDecision['kind']> {
  readonly raw: RawEvent;
  readonly scene: Scene;
  readonly decision: Extract<PlacementDecision, { readonly kind: Kind }>;
  readonly placement: string;
  readonly told: ToldPlacement;
}

/** A judge of some kinds of decisions about placements. */
export function judgeOf<Kind extends PlacementDecision['kind']>(
  kinds: readonly Kind[],
  judge: (said: Said<Kind>) => void,
): Judge {
  return (raw, scene) => {
    const decision = placementDecision(raw);
    if (decision === undefined || !kinds.some((kind) => kind === decision.kind)) return;
    const placement = placementOf(raw);
    // The kind was just compared.
    const known = decision as Said<Kind>['decision'];
    judge({ raw, scene, decision: known, placement, told: scene.ledger.of(placement) });
  };
}

/** The rollout of a decision: there must be one that has not ended. */
export function runningOf(
  about: { readonly decision: PlacementDecision; readonly placement: string; readonly scene: Scene },
  check: string,
): ToldRollout {
  const { decision, placement, scene } = about;
  const id = 'rollout' in decision ? decision.rollout : '';
  const rollout = scene.ledger.running(placement, id);
  must(rollout !== undefined, check, () => `${decision.kind} of ${id}, which does not run`);
  return rollout;
}

/** Clusters that a decision gives rows to. */
export function startedBy(decision: PlacementDecision): readonly string[] {
  switch (decision.kind) {
    case 'wave-opened':
    case 'clusters-started':
      return decision.clusters;
    case 'clusters-admitted':
      return Object.keys(decision.targets);
    default:
      return [];
  }
}

/** Whether anything may lead to the decision that a cluster does not count: it is gone, or not wanted (a removal: wanted again). */
export function mayBeExcluded(
  scene: Scene,
  about: { readonly uid: string; readonly rollout: ToldRollout; readonly row: ToldRow | undefined },
): boolean {
  const { rollout, row } = about;
  return row === undefined || row.rollout !== rollout.plan.rollout || mayHaveLeft(scene, about);
}

/** Whether a cluster may be no target any more: it was removed at some time, or some commit does not want it there. */
export function mayHaveLeft(
  { ledger, world }: Scene,
  { rollout, uid }: { readonly uid: string; readonly rollout: ToldRollout },
): boolean {
  if (world.truth.wasEverGone(uid)) return true;
  const isRemoval = rollout.plan.rolloutKind === 'withdraw';
  return ledger.adoptions.some((one) => world.truth.meaning(one, rollout.placement).wants(uid) === isRemoval);
}
