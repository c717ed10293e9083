import { limits } from './limits.ts';

/**
 * How many single edits turn one text into the other: a character put in, taken out or replaced, or two neighbours swapped
 * (the distance of Damerau and Levenshtein, by the algorithm of Lowrance and Wagner, 1975). It is a metric: 0 for equal
 * texts only, the same both ways, and never longer than by way of a third text; the simpler form that lets no swapped pair be
 * edited again is none.
 *
 * Characters are UTF-16 units, and case counts. With `atMost` the answer is at most `atMost + 1`, which says "further than
 * that" and comes sooner. Texts above `limits.comparedNameMax` are not compared: different ones are as far apart as the
 * longer is long.
 */
export function editDistance(left: string, right: string, atMost = Number.POSITIVE_INFINITY): number {
  if (left === right) return 0;
  const longer = Math.max(left.length, right.length);
  const isTooFar = Math.abs(left.length - right.length) > atMost;
  if (isTooFar || longer > limits.comparedNameMax) return Math.min(longer, atMost + 1);
  return Math.min(distanceOfRows(left, right, atMost), atMost + 1);
}

/** `rows[i][j]` is the distance of the first i characters of the left from the first j of the right. */
function distanceOfRows(left: string, right: string, atMost: number): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  const lastRowOf = new Map<string, number>();
  for (let row = 1; row <= left.length; row += 1) {
    const next = [row];
    let lastSameColumn = 0;
    for (let column = 1; column <= right.length; column += 1) {
      const letter = right.charAt(column - 1);
      const isSame = left.charAt(row - 1) === letter;
      // Where a swap would begin: the last place before with this pair of letters the other way round.
      const swapRow = lastRowOf.get(letter) ?? 0;
      const swapped = swapCost(rows, { row, column, swapRow, swapColumn: lastSameColumn });
      const replaced = at(rows[row - 1], column - 1) + (isSame ? 0 : 1);
      next.push(Math.min(replaced, at(rows[row - 1], column) + 1, at(next, column - 1) + 1, swapped));
      if (isSame) lastSameColumn = column;
    }
    rows.push(next);
    lastRowOf.set(left.charAt(row - 1), row);
    // No way to the end is cheaper than the cheapest of any row: a swap that jumps over rows pays for each of them.
    if (Math.min(...next) > atMost) return atMost + 1;
  }
  return at(rows[left.length], right.length);
}

/** What comes before the swapped pair, what stands between its letters on either side, and the swap itself. */
function swapCost(
  rows: readonly (readonly number[])[],
  place: {
    readonly row: number;
    readonly column: number;
    readonly swapRow: number;
    readonly swapColumn: number;
  },
): number {
  const { column, row, swapColumn, swapRow } = place;
  if (swapRow === 0 || swapColumn === 0) return Number.POSITIVE_INFINITY;
  return at(rows[swapRow - 1], swapColumn - 1) + (row - swapRow - 1) + 1 + (column - swapColumn - 1);
}

function at(row: readonly number[] | undefined, index: number): number {
  return row?.[index] ?? Number.POSITIVE_INFINITY;
}
