import type { Painter, Tone } from './colour.ts';
import { cutTo, printable, widthOf } from './printable.ts';

/** What stands in one cell. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

/** One column of a table of rows. */
export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => Cell | string;
  /** Only with `-o wide`. */
  readonly isWide?: boolean;
  readonly align?: 'right';
}

/** How a table is printed. */
export interface TableOptions {
  readonly paint: Painter;
  readonly hasHeaders: boolean;
  /** Columns of the terminal; undefined = nothing is cut. */
  readonly width: number | undefined;
}

const gap = '  ';
/** The last column keeps at least so many columns, or the line wraps. */
const lastColumnMin = 12;

/**
 * Prints rows in blocks: widths grow with the blocks and never shrink, so a long list streams. The last column is cut
 * at the terminal's edge; nothing is cut when the output is not a terminal.
 */
export class TablePrinter<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #options: TableOptions;
  readonly #widths: number[];
  #isHeaderDone: boolean;

  constructor(columns: readonly Column<Row>[], options: TableOptions) {
    this.#columns = columns;
    this.#options = options;
    this.#widths = columns.map(({ header }) => (options.hasHeaders ? widthOf(header) : 0));
    this.#isHeaderDone = !options.hasHeaders;
  }

  /** Lines for these rows, with the header before the first. */
  lines(rows: readonly Row[]): readonly string[] {
    const cells = rows.map((row) => this.#columns.map((column) => cellOf(column.cell(row))));
    for (const line of cells) {
      for (const [index, { text }] of line.entries()) {
        this.#widths[index] = Math.max(this.#widths[index] ?? 0, widthOf(text));
      }
    }
    const lines = cells.map((line) => this.#format(line));
    if (this.#isHeaderDone || rows.length === 0) return lines;
    this.#isHeaderDone = true;
    return [this.#format(this.#columns.map(({ header }) => ({ text: header, tone: 'strong' }))), ...lines];
  }

  #format(cells: readonly Cell[]): string {
    const { paint, width } = this.#options;
    let used = 0;
    const parts = cells.map(({ text, tone = 'plain' }, index) => {
      const isLast = index === cells.length - 1;
      const columns = this.#widths[index] ?? 0;
      const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(lastColumnMin, width - used);
      used += columns + gap.length;
      const shown = isLast ? cutTo(text, room) : text;
      const painted = shown === '' ? '' : paint(shown, tone);
      if (isLast) return painted;
      const padding = ' '.repeat(Math.max(0, columns - widthOf(text)));
      return this.#columns[index]?.align === 'right' ? padding + painted : painted + padding;
    });
    return parts.join(gap).trimEnd();
  }
}

function cellOf(cell: Cell | string): Cell {
  const { text, tone = 'plain' } = typeof cell === 'string' ? { text: cell } : cell;
  return { text: printable(text), tone };
}

/** Names and values under each other, as `describe` shows them. Values without text are left out. */
export function detailLines(
  details: readonly (readonly [name: string, value: Cell | string | undefined])[],
  paint: Painter,
): readonly string[] {
  const shown = details.flatMap(([name, value]) => {
    if (value === undefined) return [];
    const cell = cellOf(value);
    return cell.text === '' ? [] : [{ name, cell }];
  });
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  return shown.map(
    ({ name, cell }) =>
      `${paint(name.padEnd(width), 'quiet')}${gap}${paint(cell.text, cell.tone ?? 'plain')}`,
  );
}
