import type { ItemKind, ListSummary } from '@flotilla/shared/model';
import { oneOf } from '../kinds.ts';
import { commandText, type Terminal } from '../terminal.ts';
import { toneOf } from './colour.ts';
import { failureLines, grouped, stateLines } from './count-lines.ts';

/** A long list in a few lines: counts by state, failures by cause with an example, and how to list them. */
export function summaryLines(
  kind: ItemKind,
  summary: ListSummary,
  selectors: { readonly labelSelector: string | undefined; readonly fieldSelector: string | undefined },
  { paint, programName }: Terminal,
): readonly string[] {
  const { total, states, failures } = summary;
  const lines = [
    paint(`${grouped(total)} ${total === 1 ? oneOf(kind) : kind}`, 'strong'),
    ...stateLines(states, (state) => paint(state, toneOf(state))),
  ];
  if (failures.length > 0)
    lines.push('', paint('failures by cause', 'strong'), ...failureLines(failures, paint));
  const label = selectors.labelSelector === undefined ? '' : ` -l ${shellWord(selectors.labelSelector)}`;
  const field = (text: string): string =>
    ` --field ${shellWord([selectors.fieldSelector, text].filter((part) => part !== undefined).join(','))}`;
  const worst = ['Stalled', 'Degraded', 'Halted', 'Unknown'].find((state) => (states[state] ?? 0) > 0);
  const list = (flags: string): string => commandText(programName, `flotilla get ${kind}${label}${flags}`);
  const all =
    selectors.fieldSelector === undefined ? ' --all' : ` --field ${shellWord(selectors.fieldSelector)} --all`;
  lines.push('', paint('list them', 'strong'));
  if (worst !== undefined) lines.push(`  ${list(field(`state=${worst}`))}`);
  lines.push(`  ${list(all)}`);
  return lines;
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
