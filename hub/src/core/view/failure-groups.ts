import { formatRef } from '@flotilla/shared/model';
import type { AssignmentItem, FailureGroup } from './items.ts';

/** Groups shown at most: more causes than this are a different problem. */
const groupsMax = 20;

/** Equal causes among failing assignments, most frequent first. */
export function failureGroups(items: Iterable<AssignmentItem>): readonly FailureGroup[] {
  const groups = new Map<string, { group: FailureGroup; count: number }>();
  for (const item of items) {
    if (item.status.state !== 'Degraded' && item.status.state !== 'Stalled') continue;
    const group = groupOf(item);
    const key = `${group.fingerprint} ${group.reason} ${group.fingerprint === '' ? group.text : ''}`;
    const known = groups.get(key);
    if (known) known.count += 1;
    else groups.set(key, { group, count: 1 });
  }
  return [...groups.values()]
    .sort((left, right) => right.count - left.count || (left.group.text < right.group.text ? -1 : 1))
    .slice(0, groupsMax)
    .map(({ group, count }) => ({ ...group, count }));
}

function groupOf(item: AssignmentItem): FailureGroup {
  const { cluster, placement } = item.spec;
  const [object] = item.status.failing;
  if (object) {
    const example = { cluster, placement, object: formatRef(object) };
    return {
      fingerprint: object.fingerprint,
      reason: object.reason,
      text: object.message,
      count: 1,
      example,
    };
  }
  const { code = 'Failed', text = '' } = item.status.reason ?? {};
  return { fingerprint: '', reason: code, text, count: 1, example: { cluster, placement, object: '' } };
}
