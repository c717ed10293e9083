import { type ApiItems, apiVersion, type Described, type ItemKind } from '@flotilla/shared/model';
import { usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { checkName, kindOf } from '../kinds.ts';
import { describeLines, type OutputFormat, writeDocument } from '../output/index.ts';

/** `flotilla describe KIND NAME`. */
export async function describeItem(
  word: string,
  name: string,
  options: { readonly output: OutputFormat },
  deps: CommandDeps,
): Promise<ExitCode> {
  const kind = kindOf(word);
  checkName(kind, name);
  if (options.output === 'name' || options.output === 'wide') {
    throw usageError(`describe has no -o ${options.output}`, { cause: 'it prints text, json or yaml' });
  }
  const client = await deps.openClient();
  const { value, asOfMs } = await client.describe(kind, name, deps.signal);
  for (const warning of value.warnings ?? []) deps.terminal.say(`warning: ${warning}`);
  if (options.output === 'table') printDescribed(kind, value, asOfMs, deps);
  else await writeDocument({ apiVersion, kind: 'Described', ...value }, options.output, deps.terminal);
  return exitCodes.ok;
}

function printDescribed<Kind extends ItemKind>(
  kind: Kind,
  described: Described<ApiItems[Kind]>,
  asOfMs: number,
  { terminal }: CommandDeps,
): void {
  for (const line of describeLines(kind, described, { ...terminal, asOfMs })) terminal.print(line);
}
