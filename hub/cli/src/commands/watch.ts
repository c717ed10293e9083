import type { ApiItems, ItemKind } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type Followed, type FollowWanted, follow, type HubAddress } from '../hub/index.ts';
import { columnsOf, type OutputFormat, safeJson, TablePrinter, timeText } from '../output/index.ts';
import type { Terminal } from '../terminal.ts';

/** Follows a list until Ctrl-C and prints what changes, one line for each item that looks different. */
export async function watchItems<Kind extends ItemKind>(
  hub: HubAddress,
  wanted: FollowWanted<Kind>,
  lines: ChangedLines<ApiItems[Kind]>,
  deps: CommandDeps,
): Promise<ExitCode> {
  for await (const heard of follow(hub, wanted, deps.signal)) tell(heard, lines, deps.terminal);
  return exitCodes.interrupted;
}

function tell<Kind extends ItemKind>(
  heard: Followed<Kind>,
  lines: ChangedLines<ApiItems[Kind]>,
  terminal: Terminal,
): void {
  switch (heard.kind) {
    case 'changed':
      lines.tell(heard.items, heard.asOfMs);
      lines.tellGone(heard.gone);
      break;
    case 'reset':
      lines.beginAnew();
      break;
    case 'synced':
      lines.endAnew();
      break;
    default:
      tellStream(heard, terminal);
  }
}

/** Says what happens to the stream itself: left-out states, a hub that is away, and that is back. */
export function tellStream(heard: Followed<ItemKind>, terminal: Terminal): void {
  switch (heard.kind) {
    case 'lagged':
      terminal.say(`-- ${heard.text}`);
      break;
    case 'lost':
      terminal.say(
        `-- ${timeText(Date.now())} ${heard.error.problem.text}: everything above is as of then; trying again`,
      );
      break;
    case 'back':
      terminal.say(`-- ${timeText(Date.now())} the hub is back`);
      break;
    default:
      break;
  }
}

/** Prints items that look different from the last time they were printed. */
export interface ChangedLines<Item> {
  /** These stand on the screen already. */
  know(items: readonly Item[]): void;
  tell(items: readonly Item[], asOfMs: number): void;
  tellGone(names: readonly string[]): void;
  /** The hub begins anew: what it does not name until `endAnew` is gone. */
  beginAnew(): void;
  endAnew(): void;
}

/** How changes are shown. */
export interface WatchOptions {
  readonly output: OutputFormat;
  readonly headers: boolean;
  /** An item that goes may also just have stopped to fit. */
  readonly hasSelectors: boolean;
}

/** Lines of a watch, nothing shown yet. */
export function changedLines<Kind extends ItemKind>(
  kind: Kind,
  { output, headers, hasSelectors }: WatchOptions,
  { paint, width, print }: Terminal,
): ChangedLines<ApiItems[Kind]> {
  const columns = columnsOf(kind, output === 'wide');
  const table = new TablePrinter(columns, { paint, hasHeaders: headers, width });
  const shown = new Map<string, string>();
  let unseen: Set<string> | undefined;

  /** How an item looks apart from ages, which always change. */
  function looksOf(item: ApiItems[Kind]): string {
    if (output === 'json' || output === 'yaml') return safeJson(item);
    const still = columns.filter(({ header }) => header !== 'AGE' && header !== 'SEEN');
    const cells = still.map(({ cell }) => cell({ item, asOfMs: 0 }));
    return JSON.stringify([...cells, 'freshness' in item.status && item.status.freshness.isFresh]);
  }

  function printOne(item: ApiItems[Kind], asOfMs: number): void {
    if (output === 'json' || output === 'yaml') print(safeJson({ type: 'changed', asOfMs, object: item }));
    else if (output === 'name') print(item.metadata.name);
    else for (const line of table.lines([{ item, asOfMs }])) print(line);
  }

  function tellGone(names: readonly string[]): void {
    for (const name of names) {
      if (!shown.delete(name)) continue;
      if (output === 'json' || output === 'yaml') print(safeJson({ type: 'gone', kind, name }));
      else print(`${name}  ${paint(hasSelectors ? '(gone, or no longer selected)' : '(gone)', 'quiet')}`);
    }
  }

  return {
    know(items) {
      // Measured, so that later lines stand under the same headers.
      table.lines(items.map((item) => ({ item, asOfMs: 0 })));
      for (const item of items) shown.set(item.metadata.name, looksOf(item));
    },
    tell(items, asOfMs) {
      for (const item of items) {
        const looks = looksOf(item);
        unseen?.delete(item.metadata.name);
        if (shown.get(item.metadata.name) === looks) continue;
        shown.set(item.metadata.name, looks);
        printOne(item, asOfMs);
      }
    },
    tellGone,
    beginAnew() {
      unseen = new Set(shown.keys());
    },
    endAnew() {
      tellGone([...(unseen ?? [])]);
      unseen = undefined;
    },
  };
}
