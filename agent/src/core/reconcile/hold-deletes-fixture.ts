import type { PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import type { Neighbour } from './hold-deletes.ts';

/** Test only: what the rules look at of a row. */
export interface RowGiven {
  readonly placement: string;
  readonly isRemoval?: boolean;
  readonly repository?: string;
  readonly takeOverFrom?: string | undefined;
  readonly isSuspended?: boolean;
  readonly priority?: number;
}

export function rowOf(given: RowGiven): Row {
  const placement = given.placement as PlacementName;
  // The rules look at nothing else of a row.
  if (given.isRemoval === true) return { kind: 'removal', placement } as Row;
  return {
    kind: 'assignment',
    placement,
    suspension: given.isSuspended === true ? { reason: 'asked' } : undefined,
    variant: {
      apply: { takeOverFrom: given.takeOverFrom, priority: given.priority ?? 0 },
      content: { repositoryUrl: given.repository ?? 'https://git.example.org/one.git' },
    },
  } as unknown as Row;
}

export function neighbourOf(row: RowGiven, change: Partial<Neighbour> = {}): Neighbour {
  return {
    row: rowOf(row),
    sight: 'known',
    trouble: '',
    isApplied: true,
    isLate: false,
    owns: () => false,
    ...change,
  };
}
