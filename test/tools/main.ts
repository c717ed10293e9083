import { parseArgs } from 'node:util';
import { describeError } from '@flotilla/shared/base';
import type { FoundTool, ToolName } from './finder/index.ts';
import { findTool, peekTool, toolNamed, toolNames } from './finder/index.ts';
import { signalOfProcess } from './process-signal.ts';

const usage = `usage: npm run tools -- [--list] [NAME...]
Finds the outside programs, installs what is missing, and prints where each one is.
  --list   only say what would be used, install nothing
  NAME     one of: ${toolNames.join(' ')}
`;

interface Row {
  readonly name: string;
  readonly version: string;
  readonly where: string;
}

function isToolName(name: string): name is ToolName {
  return toolNames.some((known) => known === name);
}

function rowOf(tool: FoundTool): Row {
  return { name: tool.name, version: tool.version, where: `${tool.path} (${tool.origin})` };
}

function printTable(rows: readonly Row[]): void {
  const nameWidth = Math.max(...rows.map((row) => row.name.length));
  const versionWidth = Math.max(...rows.map((row) => row.version.length));
  for (const row of rows) {
    process.stdout.write(
      `${row.name.padEnd(nameWidth)}  ${row.version.padEnd(versionWidth)}  ${row.where}\n`,
    );
  }
}

async function listTools(names: readonly ToolName[], signal: AbortSignal): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const name of names) {
    const tool = toolNamed(name);
    const { found, notes } = await peekTool(tool, { signal });
    if (found !== undefined) rows.push(rowOf(found));
    else rows.push({ name, version: tool.version, where: 'not here: would be downloaded or built' });
    for (const note of notes) process.stderr.write(`flotilla: ${note}\n`);
  }
  return rows;
}

async function installTools(names: readonly ToolName[], signal: AbortSignal): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const name of names) rows.push(rowOf(await findTool(name, { signal })));
  return rows;
}

async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const unknown = positionals.filter((name) => !isToolName(name));
  if (unknown.length > 0) {
    process.stderr.write(`flotilla: no such tool: ${unknown.join(', ')}\n${usage}`);
    return 2;
  }
  const names = positionals.length === 0 ? toolNames : positionals.filter(isToolName);
  printTable(await (values.list ? listTools : installTools)(names, signal));
  return 0;
}

const signal = signalOfProcess();
try {
  const code = await main(process.argv.slice(2), signal);
  process.exitCode ||= code;
} catch (error) {
  if (!signal.aborted) process.stderr.write(`flotilla: ${describeError(error)}\n`);
  process.exitCode ||= 1;
}
