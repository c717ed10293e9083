import type { PlacementName } from '@flotilla/shared/base';
import type { ApplyPolicy, PrunePolicy, Reasoned, Row } from '@flotilla/shared/model';
import type { PlanPolicy } from '../plan/index.ts';

/** What another held assignment means for one's deletes. */
export interface Neighbour {
  readonly row: Row;
  /** Its newest row was rendered, or was tried and cannot be. */
  readonly isContentKnown: boolean;
  /** Everything of its newest row is applied. */
  readonly isApplied: boolean;
}

/** Rules for a removal: nothing is applied, and the row's own mode decides what goes. */
const removalApply: ApplyPolicy = {
  mode: 'bestEffort',
  takeOver: 'never',
  drift: 'report',
  ignore: [],
  createNamespace: false,
  priority: 0,
  takeOverFrom: undefined,
  confirmMs: undefined,
};
const removalPrune: PrunePolicy = { enabled: true, maxObjects: 0, maxPercent: 0 };

/** The planning rules of a row. */
export function policyFor(
  row: Row,
  more: Pick<PlanPolicy, 'setId' | 'fights' | 'wantedElsewhere' | 'handOverPending'>,
): PlanPolicy {
  const apply = row.kind === 'assignment' ? row.variant.apply : removalApply;
  return {
    ...more,
    placement: row.placement,
    mode: apply.mode,
    takeOver: apply.takeOver,
    takeOverFrom: apply.takeOverFrom,
    drift: apply.drift,
    prune: row.kind === 'assignment' ? row.variant.prune : removalPrune,
    permittedPrune: row.kind === 'assignment' ? row.permittedPrune : undefined,
  };
}

/**
 * Why the deletes of a placement have to wait for others: one of them is about to take its objects over, or it is not
 * known yet what one of them wants. Undefined = nothing to wait for.
 */
export function holdDeletes(placement: PlacementName, neighbours: Iterable<Neighbour>): Reasoned | undefined {
  for (const { row, isApplied, isContentKnown } of neighbours) {
    if (row.placement === placement || row.kind === 'removal' || row.suspension !== undefined) continue;
    const subject = row.placement;
    if (row.variant.apply.takeOverFrom === placement && !isApplied)
      return {
        code: 'WaitingForTakeOver',
        text: `waits until assignment ${subject} has taken its objects over`,
        subject,
      };
    if (!isContentKnown)
      return {
        code: 'WaitingForRender',
        text: `waits until it is known what assignment ${subject} wants`,
        subject,
      };
  }
  return undefined;
}
