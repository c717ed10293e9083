import { limits } from '@flotilla/shared/base';
import {
  type ApiItems,
  type AssignmentItem,
  type FailureGroup,
  type ItemKind,
  type ShownState,
  type StateCounts,
  shownStates,
} from '@flotilla/shared/model';

/** How bad a state is; the worst first. Unknown stands before Ready: it is never green. */
const badness: { readonly [state: string]: number } = {
  Stalled: 0,
  Degraded: 1,
  Halted: 1,
  Unknown: 2,
  Gated: 3,
  Suspended: 3,
  Progressing: 4,
  Soaking: 4,
  Planned: 5,
  Pending: 5,
  Ready: 6,
  Succeeded: 7,
  Superseded: 7,
  Cancelled: 7,
};

/** Rank of a state of any kind of item, 0 = worst. */
export function rankOf(state: string): number {
  return badness[state] ?? 9;
}

/** Zero of each of the seven states. */
export function noStates(): { [state in ShownState]: number } {
  // The keys are exactly the seven states.
  return Object.fromEntries(shownStates.map((state) => [state, 0])) as { [state in ShownState]: number };
}

/** Adds counts of states to a sum. */
export function addStates(sum: { [state in ShownState]: number }, counts: StateCounts): void {
  for (const state of shownStates) sum[state] += counts[state];
}

/** Failures of one item as groups. Rollouts have none of their own: their assignments do. */
export function failuresOf<Kind extends ItemKind>(kind: Kind, item: ApiItems[Kind]): readonly FailureGroup[] {
  if ('failures' in item.status) return item.status.failures;
  if (kind !== 'assignments') return [];
  // The one kind of item that is left.
  return assignmentFailures(item as AssignmentItem);
}

function assignmentFailures({ spec, status }: AssignmentItem): readonly FailureGroup[] {
  if (status.state !== 'Degraded' && status.state !== 'Stalled') return [];
  const [first] = status.failing;
  return [
    {
      fingerprint: first?.fingerprint ?? '',
      reason: first?.reason ?? status.reason?.code ?? status.state,
      text: first?.message ?? status.reason?.text ?? '',
      count: 1,
      example: {
        cluster: spec.cluster,
        placement: spec.placement,
        object: first === undefined ? '' : `${first.kind}/${first.name}`,
      },
    },
  ];
}

/** Sums groups of equal cause (fingerprint and reason); the first example of each is kept. */
export class FailureSums {
  readonly #sums = new Map<string, FailureGroup>();

  /** Adds groups. */
  add(groups: readonly FailureGroup[]): void {
    for (const group of groups) {
      const key = `${group.fingerprint} ${group.reason}`;
      const known = this.#sums.get(key);
      this.#sums.set(key, known ? { ...known, count: known.count + group.count } : group);
    }
  }

  /** The largest groups, at most `limits.apiFailureGroupsMax`. */
  largest(): readonly FailureGroup[] {
    return [...this.#sums.entries()]
      .sort(([leftKey, left], [rightKey, right]) => right.count - left.count || (leftKey < rightKey ? -1 : 1))
      .slice(0, limits.apiFailureGroupsMax)
      .map(([, group]) => group);
  }
}
