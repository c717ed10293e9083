import { apiVersion } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { checkName } from '../kinds.ts';
import { type OutputFormat, whyNotLines, writeDocument } from '../output/index.ts';

/** `flotilla why-not CLUSTER PLACEMENT`: each term that keeps the placement away, and what would have to change. */
export async function explainWhyNot(
  cluster: string,
  placement: string,
  { output }: { readonly output: OutputFormat },
  { openClient, signal, terminal }: CommandDeps,
): Promise<ExitCode> {
  checkName('clusters', cluster);
  checkName('placements', placement);
  const client = await openClient();
  const { value, asOfMs } = await client.explain(cluster, placement, signal);
  if (output === 'json' || output === 'yaml')
    await writeDocument({ apiVersion, kind: 'Explanation', ...value }, output, terminal);
  else for (const line of whyNotLines(value, { ...terminal, asOfMs })) terminal.print(line);
  return exitCodes.ok;
}
