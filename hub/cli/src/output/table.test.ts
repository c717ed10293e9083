import { describe, expect, it } from 'vitest';
import { painterFor } from './colour.ts';
import { type Column, detailLines, TablePrinter } from './table.ts';

interface Boat {
  readonly name: string;
  readonly crew: number;
  readonly note: string;
}

const columns: readonly Column<Boat>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'CREW', cell: ({ crew }) => String(crew), align: 'right' },
  { header: 'NOTE', cell: ({ note }) => ({ text: note, tone: 'bad' }) },
];
const plain = painterFor({}, false);
const boats: readonly Boat[] = [
  { name: 'a', crew: 7, note: '' },
  { name: 'albatross', crew: 12, note: 'leaks at the bow' },
];

describe('a table', () => {
  it('aligns its columns and leaves no blanks at the ends of lines', () => {
    const table = new TablePrinter(columns, { paint: plain, hasHeaders: true, width: undefined });
    expect(table.lines(boats)).toEqual([
      'NAME       CREW  NOTE',
      'a             7',
      'albatross    12  leaks at the bow',
    ]);
  });

  it('prints its header once, and later blocks under it', () => {
    const table = new TablePrinter(columns, { paint: plain, hasHeaders: true, width: undefined });
    expect(table.lines([])).toEqual([]);
    table.lines(boats);
    expect(table.lines([{ name: 'b', crew: 1, note: 'x' }])).toEqual(['b             1  x']);
  });

  it('cuts its last column at the edge of the terminal', () => {
    const table = new TablePrinter(columns, { paint: plain, hasHeaders: false, width: 28 });
    expect(table.lines(boats)[1]).toBe('albatross  12  leaks at the…');
  });

  it('shows text of agents without its control characters', () => {
    const table = new TablePrinter(columns, { paint: plain, hasHeaders: false, width: undefined });
    expect(table.lines([{ name: 'x\u001b[2J', crew: 1, note: 'a\nb' }])).toEqual(['x\ufffd[2J  1  a b']);
  });

  it('paints cells without disturbing their widths', () => {
    const coloured = painterFor({ FORCE_COLOR: '1' }, false);
    const table = new TablePrinter(columns, { paint: coloured, hasHeaders: false, width: undefined });
    const [first, second] = table.lines(boats);
    expect(first).toBe('a           7');
    expect(second).toBe('albatross  12  \u001b[31mleaks at the bow\u001b[39m');
  });
});

describe('details', () => {
  it('stand under each other; those without text are left out', () => {
    const details = [
      ['Name', 'eu-1'],
      ['Note', ''],
      ['Uid', undefined],
      ['Kubernetes', { text: 'v1.34' }],
    ] as const;
    expect(detailLines(details, plain)).toEqual(['Name        eu-1', 'Kubernetes  v1.34']);
  });
});
