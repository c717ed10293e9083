import type { Row } from '@flotilla/shared/model';

/** The fleet's decision log as far as rows are concerned; shared by all hub processes and never lost here. */
export interface DecisionLog {
  readonly endSeq: number;
  append(makeRow: (seq: number) => Row): void;
  /** The newest row of each placement up to a sequence, sorted. */
  desired(uptoSeq: number): readonly Row[];
}

/** An empty log. Sequences have gaps, because other decisions share it. */
export function makeLog(): DecisionLog {
  const rows: Row[] = [];
  let endSeq = 0;
  return {
    get endSeq() {
      return endSeq;
    },
    append(makeRow) {
      endSeq += 1 + (rows.length % 3);
      rows.push(makeRow(endSeq));
    },
    desired(uptoSeq) {
      const newest = new Map(
        rows.filter((row) => row.version.seq <= uptoSeq).map((row) => [row.placement, row]),
      );
      return [...newest.values()].sort((left, right) => (left.placement < right.placement ? -1 : 1));
    },
  };
}
