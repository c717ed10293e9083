import type { ApiItems, ApiList, ItemKind } from '@flotilla/shared/model';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { ApiClient } from '../hub/index.ts';
import { checkName, kindOf, oneOf } from '../kinds.ts';
import {
  errorDocument,
  listWriter,
  type OutputFormat,
  summaryLines,
  writeDocument,
} from '../output/index.ts';
import { changedLines, watchItems } from './watch.ts';

/** Flags of `get`. */
export interface GetOptions {
  readonly output: OutputFormat;
  readonly selector?: string | undefined;
  readonly field?: string | undefined;
  readonly headers: boolean;
  readonly limit?: number | undefined;
  readonly all?: boolean | undefined;
  readonly watch?: boolean | undefined;
}

/** A list that is longer is counted instead of printed, unless it is asked for: it would fill several screens. */
const rowsMax = 100;
const pageItems = 500;

/** `flotilla get KIND [NAME]`. */
export async function getItems(
  word: string,
  name: string | undefined,
  options: GetOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const kind = kindOf(word);
  if (options.all === true && options.limit !== undefined)
    throw usageError('--all and --limit contradict each other');
  if (name === undefined) return getList(kind, options, deps);
  if (
    options.selector !== undefined ||
    options.field !== undefined ||
    options.all === true ||
    options.limit !== undefined
  ) {
    throw usageError('a name and -l, --field, --limit or --all contradict each other');
  }
  return getOne(kind, checkName(kind, name), options, deps);
}

async function getOne(
  kind: ItemKind,
  name: string,
  options: GetOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const client = await deps.openClient();
  const { output, headers } = options;
  if (options.watch === true) {
    await client.item(kind, name, deps.signal);
    return getList(kind, { ...options, field: `name=${name}` }, deps);
  }
  const { value, asOfMs } = await client.item(kind, name, deps.signal);
  if (output === 'json' || output === 'yaml') {
    await writeDocument(value, output, deps.terminal);
    return exitCodes.ok;
  }
  const writer = await listWriter(kind, { format: output, hasHeaders: headers, terminal: deps.terminal });
  writer.write([value], asOfMs);
  writer.end();
  return exitCodes.ok;
}

async function getList<Kind extends ItemKind>(
  kind: Kind,
  options: GetOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const client = await deps.openClient();
  const first = await client.list(
    kind,
    { ...selectorsOf(options), limit: firstPageOf(options) },
    deps.signal,
  );
  for (const warning of first.metadata.warnings ?? []) deps.terminal.say(`warning: ${warning}`);
  const listing = { client, first, options };
  if (options.watch !== true) {
    await printList(kind, listing, deps, undefined);
    return exitCodes.ok;
  }
  const hasSelectors = options.selector !== undefined || options.field?.startsWith('name=') === false;
  const lines = changedLines(kind, { ...options, hasSelectors }, deps.terminal);
  if (isTable(options)) await printList(kind, listing, deps, (items) => lines.know(items));
  else await eachPage(kind, listing, deps, (items, asOfMs) => lines.tell(items, asOfMs));
  const watched = { kind, since: first.metadata.sequence, ...selectorsOf(options) };
  return watchItems(client.hub, watched, lines, deps);
}

/** Prints a list; one that is too long for a screen is counted instead, unless it was asked for. */
async function printList<Kind extends ItemKind>(
  kind: Kind,
  listing: Listing<Kind>,
  deps: CommandDeps,
  onPage: ((items: readonly ApiItems[Kind][]) => void) | undefined,
): Promise<void> {
  const { first, options } = listing;
  const isCounted = isTable(options) && options.limit === undefined && options.all !== true;
  if (isCounted && (first.summary?.total ?? 0) > rowsMax) tellSummary(kind, first, options, deps);
  else await printAll(kind, listing, deps, onPage);
}

function isTable({ output }: GetOptions): boolean {
  return output === 'table' || output === 'wide';
}

function selectorsOf({ selector, field }: GetOptions): {
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
} {
  return { labelSelector: selector, fieldSelector: field };
}

function firstPageOf({ limit, all, output }: GetOptions): number {
  if (limit !== undefined) return Math.min(limit, pageItems);
  return all === true || (output !== 'table' && output !== 'wide') ? pageItems : rowsMax;
}

interface Listing<Kind extends ItemKind> {
  readonly client: ApiClient;
  readonly first: ApiList<ApiItems[Kind]>;
  readonly options: GetOptions;
}

/** Prints the first page and those that follow; a list that breaks off ends with the error, and is then thrown. */
async function printAll<Kind extends ItemKind>(
  kind: Kind,
  listing: Listing<Kind>,
  deps: CommandDeps,
  onPage: ((items: readonly ApiItems[Kind][]) => void) | undefined,
): Promise<void> {
  const { first, options } = listing;
  const { terminal } = deps;
  const { warnings } = first.metadata;
  const format = { format: options.output, hasHeaders: options.headers, warnings };
  const writer = await listWriter(kind, { ...format, terminal });
  let printed: number;
  try {
    printed = await eachPage(kind, listing, deps, (items, asOfMs) => {
      writer.write(items, asOfMs);
      onPage?.(items);
    });
  } catch (error) {
    writer.end(error instanceof CliError ? errorDocument(error).error : { text: String(error) });
    throw error instanceof CliError ? error.afterOutput() : error;
  }
  writer.end();
  const total = first.summary?.total ?? printed;
  if (printed < total) terminal.say(`${total - printed} more; --all lists them`);
  if (total === 0) terminal.say(emptyText(kind, options));
}

/** Hands over the first page and those that follow, as far as the limit allows; returns how many items that were. */
async function eachPage<Kind extends ItemKind>(
  kind: Kind,
  { client, first, options }: Listing<Kind>,
  { signal }: CommandDeps,
  take: (items: readonly ApiItems[Kind][], asOfMs: number) => void,
): Promise<number> {
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  let page = first;
  let taken = 0;
  for (;;) {
    const items = page.items.slice(0, most - taken);
    take(items, page.metadata.asOfMs);
    taken += items.length;
    const next = page.metadata.continue;
    if (next === undefined || taken >= most) return taken;
    const wanted = { ...selectorsOf(options), limit: Math.min(pageItems, most - taken), continue: next };
    page = await client.list(kind, wanted, signal);
  }
}

function tellSummary(
  kind: ItemKind,
  first: ApiList<unknown>,
  options: GetOptions,
  { terminal }: CommandDeps,
): void {
  if (first.summary === undefined) return;
  for (const line of summaryLines(kind, first.summary, selectorsOf(options), terminal)) terminal.print(line);
}

function emptyText(kind: ItemKind, { selector, field }: GetOptions): string {
  if (selector !== undefined || field !== undefined) return `no ${oneOf(kind)} fits the selectors`;
  const next: { readonly [one in ItemKind]: string } = {
    clusters: 'no cluster has joined yet; next: flotilla cluster join-command NAME',
    placements: 'the control repository in force defines no placement; next: flotilla status',
    assignments: 'nothing is assigned to any cluster; next: flotilla get placements',
    rollouts: 'there has been no rollout yet; next: flotilla get placements',
  };
  return next[kind];
}
