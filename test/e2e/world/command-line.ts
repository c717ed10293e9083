import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Described, PlacementItem } from '@flotilla/shared/model';
import { runChild } from '../../tools/child.ts';
import type { World } from './world.ts';

const run = promisify(execFile);

/** What a person at a terminal sees of one command, line by line: what it says around its output, then the output. */
export interface Screen {
  /** Standard error: warnings. */
  readonly said: readonly string[];
  /** Standard output. */
  readonly lines: readonly string[];
}

/** Runs the command line as a person does. Rejects when it does not end with 0. */
export async function screenOf(world: World, ...args: readonly string[]): Promise<Screen> {
  const { programs, dataDir } = world.control.settings;
  const command = [programs.cli, ...args, '--data-dir', dataDir];
  const { stdout, stderr } = await run(process.execPath, command, { maxBuffer: 64 * 1024 * 1024 });
  return { said: linesOf(stderr), lines: linesOf(stdout) };
}

/** Runs the command line as a script does; resolves with its exit code, whatever that is. */
export async function exitOf(
  world: World,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { programs, dataDir } = world.control.settings;
  return await runChild(process.execPath, [programs.cli, ...args, '--data-dir', dataDir], {
    output: 'capture',
  });
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** The same trouble as each of the four commands shows it; one entry for each time that it is shown. */
export interface ShownTroubles {
  /** `get placements`, as a person reads it: warnings, and rows that are not as they should be. */
  readonly table: readonly string[];
  /** `get placements -o json`. */
  readonly json: readonly string[];
  /** `describe placement NAME`. */
  readonly page: readonly string[];
  /** `describe placement NAME -o json`. */
  readonly document: readonly string[];
}

/** Everything that the command line has to complain of. */
export async function shownTroubles(world: World, placement: string): Promise<ShownTroubles> {
  const [table, json, page, document] = await Promise.all([
    screenOf(world, 'get', 'placements'),
    screenOf(world, 'get', 'placements', '-o', 'json'),
    screenOf(world, 'describe', 'placement', placement),
    screenOf(world, 'describe', 'placement', placement, '-o', 'json'),
  ]);
  return {
    table: [...table.said, ...table.lines.slice(1).filter((line) => !isAllRight(line))],
    json: troublesInList(json.lines),
    page: [...page.said, ...mistakesOnPage(page.lines)],
    document: troublesInDocument(document.lines),
  };
}

/** Ready with nothing to say of what it follows, or a rule that no cluster of this world fits. */
function isAllRight(row: string): boolean {
  const isReady = /^\S+ +Ready /.test(row) && !row.includes('SourceUnavailable:');
  return isReady || row.includes('NoCluster:');
}

/** Whatever stands on the page with a place in a file, and what waits for a person. */
function mistakesOnPage(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /\S+:\d+:\d+@/.test(line) || /^Reason/.test(line));
}

function troublesInList(lines: readonly string[]): readonly string[] {
  // The command line prints the API's list in its documented shape.
  const list = JSON.parse(lines.join('\n')) as {
    readonly metadata?: { readonly warnings?: readonly string[] };
    readonly items: readonly PlacementItem[];
  };
  return [...(list.metadata?.warnings ?? []), ...list.items.flatMap(troublesOf)];
}

function troublesInDocument(lines: readonly string[]): readonly string[] {
  // As above, with one item.
  const { item, warnings = [] } = JSON.parse(lines.join('\n')) as Described<PlacementItem>;
  return [...warnings, ...troublesOf(item)];
}

function troublesOf({ status }: PlacementItem): readonly string[] {
  const mistakes = status.errors.map(
    ({ file, line, column, commit = '', code, text }) =>
      `${file}:${line}:${column}@${commit.slice(0, 12)} ${code} ${text}`,
  );
  return [...mistakes, ...status.held.map(({ code, text }) => `${code}: ${text}`)];
}
