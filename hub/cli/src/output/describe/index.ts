/**
 * What `describe` prints, one page for each kind. Reading order: page (what all pages are made of), cluster, placement,
 * assignment, rollout.
 */
import type { ApiItems, Described, ItemKind } from '@flotilla/shared/model';
import { assignmentPage, heldPruneLines } from './assignment.ts';
import { clusterPage } from './cluster.ts';
import type { PageOptions } from './page.ts';
import { placementPage } from './placement.ts';
import { rolloutPage } from './rollout.ts';

export { heldPruneLines };

const pages: {
  readonly [Kind in ItemKind]: (
    described: Described<ApiItems[Kind]>,
    options: PageOptions,
  ) => readonly string[];
} = {
  clusters: clusterPage,
  placements: placementPage,
  assignments: assignmentPage,
  rollouts: rolloutPage,
};

/** Lines of one item's page. */
export function describeLines<Kind extends ItemKind>(
  kind: Kind,
  described: Described<ApiItems[Kind]>,
  options: PageOptions,
): readonly string[] {
  return pages[kind](described, options);
}
