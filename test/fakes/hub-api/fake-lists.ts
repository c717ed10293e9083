import type { ItemsWanted } from '@flotilla/hub/api-port';
import type { ApiItems, AssignmentItem, ItemKind, RolloutItem } from '@flotilla/shared/model';

/** Where a name stands in its list: assignments by cluster, then placement; rollouts by placement, then number. */
export function orderOf(kind: ItemKind, name: string): string {
  if (kind === 'assignments') return name.replace('/', ' ');
  if (kind !== 'rollouts') return name;
  const dash = name.lastIndexOf('-');
  return `${name.slice(0, dash)} ${name.slice(dash + 1).padStart(10, '0')}`;
}

/** Whether an item is one of those that are wanted. */
export function isOf(item: ApiItems[ItemKind], of: ItemsWanted): boolean {
  const { spec } = item;
  if (of.cluster !== undefined && 'cluster' in spec && spec.cluster !== of.cluster) return false;
  return of.placement === undefined || !('placement' in spec) || spec.placement === of.placement;
}

/** Whether an assignment is of an item. */
export function belongsTo(one: AssignmentItem, item: ApiItems[ItemKind], kind: ItemKind): boolean {
  if (kind === 'clusters') return one.spec.cluster === item.metadata.name;
  if (kind === 'placements') return one.spec.placement === item.metadata.name;
  return kind === 'rollouts' && one.spec.placement === (item as RolloutItem).spec.placement;
}
