import type { AssignmentItem, FailingObject, FailureGroup, GitMistake } from '@flotilla/shared/model';
import { commandText } from '../../terminal.ts';
import { seenCell } from '../age.ts';
import type { Painter } from '../colour.ts';
import { mistakeText, type Row, reasonText, revisionText, stateCell } from '../columns.ts';
import { failureLines } from '../count-lines.ts';
import { printable } from '../printable.ts';
import { type Cell, type Column, detailLines, TablePrinter } from '../table.ts';

/** What a page is written with. */
export interface PageOptions {
  readonly paint: Painter;
  readonly width: number | undefined;
  readonly programName: string;
  /** When the hub showed it, by its clock. */
  readonly asOfMs: number;
}

/** A page in the making: details at the top, sections below, one command at the end. */
export class Page {
  readonly #options: PageOptions;
  readonly #lines: string[] = [];

  constructor(options: PageOptions) {
    this.#options = options;
  }

  /** The finished page. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Names and values; those without text are left out. */
  details(details: readonly (readonly [name: string, value: Cell | string | undefined])[]): void {
    this.#lines.push(...detailLines(details, this.#options.paint));
  }

  /** A section with a heading; left out when it has no lines. */
  section(heading: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#lines.push('', this.#options.paint(heading, 'strong'), ...lines);
  }

  /** A table under a heading; left out when it has no rows. */
  table<Item>(heading: string, columns: readonly Column<Item>[], rows: readonly Item[]): void {
    const { paint, width } = this.#options;
    const room = width === undefined ? undefined : width - 2;
    const table = new TablePrinter(columns, { paint, hasHeaders: true, width: room });
    this.section(
      heading,
      table.lines(rows).map((line) => `  ${line}`),
    );
  }

  /** Failures by cause. */
  failures(failures: readonly FailureGroup[]): void {
    this.section('Failures by cause', failureLines(failures, this.#options.paint));
  }

  /** The command to type next. */
  next(command: string): void {
    this.#lines.push(
      '',
      `${this.#options.paint('next', 'strong')}  ${commandText(this.#options.programName, command)}`,
    );
  }
}

/** Columns of assignments inside a page; what the page is about is left out. */
export function assignmentColumns(without: 'cluster' | 'placement'): readonly Column<Row<AssignmentItem>>[] {
  const who: Column<Row<AssignmentItem>> =
    without === 'cluster'
      ? { header: 'PLACEMENT', cell: ({ item }) => item.spec.placement }
      : { header: 'CLUSTER', cell: ({ item }) => item.spec.cluster };
  return [
    who,
    { header: 'STATE', cell: ({ item }) => stateCell(item.status.state) },
    {
      header: 'OBJECTS',
      cell: ({ item }) => `${item.status.objects.healthy}/${item.status.objects.total}`,
      align: 'right',
    },
    { header: 'REVISION', cell: ({ item }) => revisionText(item.spec.commit) },
    { header: 'SEEN', cell: ({ item, asOfMs }) => seenCell(item.status.freshness, asOfMs) },
    { header: 'REASON', cell: ({ item }) => reasonText(item.status.reason) },
  ];
}

/** `Deployment shop/api`, with the group where it says something. */
export function objectText({
  group,
  kind,
  namespace,
  name,
}: Pick<FailingObject, 'group' | 'kind' | 'namespace' | 'name'>): string {
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  return `${group === '' || group === 'apps' ? kind : `${kind}.${group}`} ${place}`;
}

/** Each object with its reason, and the message below. */
export function failingLines(failing: readonly FailingObject[], paint: Painter): readonly string[] {
  return failing.flatMap((object) => [
    `  ${printable(objectText(object))}  ${paint(printable(object.reason), 'bad')}`,
    `    ${printable(object.message)}`,
  ]);
}

/** `file:line:column@commit CODE text`: editors take the place as it is. */
export function mistakeLines(mistakes: readonly GitMistake[]): readonly string[] {
  return mistakes.map((mistake) => `  ${printable(mistakeText(mistake))}`);
}
