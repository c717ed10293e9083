import type { ApplyPolicy, PrunePolicy, Row } from '@flotilla/shared/model';
import type { PlanPolicy } from '../plan/index.ts';

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
  more: Pick<
    PlanPolicy,
    | 'setId'
    | 'owner'
    | 'fights'
    | 'claims'
    | 'wantedElsewhere'
    | 'handOverPending'
    | 'handOverDoubted'
    | 'deletesLimit'
  >,
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
    permittedPrune: row.permittedPrune,
  };
}
