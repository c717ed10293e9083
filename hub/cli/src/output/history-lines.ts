import type { RolloutItem } from '@flotilla/shared/model';
import type { Terminal } from '../terminal.ts';
import { ageOf } from './age.ts';
import {
  actorText,
  type Row,
  readyText,
  revisionText,
  signatureText,
  stateCell,
  tookText,
} from './columns.ts';
import { type Column, TablePrinter } from './table.ts';

const columns: readonly Column<Row<RolloutItem>>[] = [
  { header: 'NAME', cell: ({ item }) => item.metadata.name },
  { header: 'KIND', cell: ({ item }) => item.spec.kind },
  { header: 'STATE', cell: ({ item }) => stateCell(item.status.state) },
  { header: 'READY', cell: ({ item }) => readyText(item), align: 'right' },
  { header: 'FAILED', cell: ({ item }) => String(item.status.counts.failed), align: 'right' },
  { header: 'REVISION', cell: ({ item }) => revisionText(item.spec.release?.commit) },
  { header: 'AUTHOR', cell: ({ item }) => item.spec.release?.commit.author ?? '' },
  { header: 'SIGNATURE', cell: ({ item }) => signatureText(item.spec.release?.commit) },
  { header: 'ENDED', cell: ({ item, asOfMs }) => `${ageOf(item.status.endedAtMs, asOfMs)} ago` },
  { header: 'TOOK', cell: ({ item }) => tookText(item), align: 'right' },
  { header: 'BY', cell: ({ item }) => actorText(item.status.by) },
  { header: 'WHY', cell: ({ item }) => whyText(item) },
];

/** Ended rollouts, one line each. */
export function historyLines(
  rollouts: readonly RolloutItem[],
  { paint, width }: Pick<Terminal, 'paint' | 'width'>,
  asOfMs: number,
): readonly string[] {
  const table = new TablePrinter(columns, { paint, hasHeaders: true, width });
  return table.lines(rollouts.map((item) => ({ item, asOfMs })));
}

/** Why it ended as it did; what it brought where it simply succeeded. */
function whyText({ spec, status }: RolloutItem): string {
  const { by, reason } = status;
  const said = by.kind === 'person' ? by.reason : '';
  const texts = [reason?.text ?? '', said].filter((text) => text !== '');
  if (texts.length === 0) return spec.release?.commit.subject ?? '';
  return [...new Set(texts)].join('; ');
}
