import { apiVersion } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { checkName } from '../kinds.ts';
import { explanationLines, type OutputFormat, writeDocument } from '../output/index.ts';

/** `flotilla why CLUSTER PLACEMENT`: what is asked for, what is there, and the one reason. */
export async function explainWhy(
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
  else for (const line of explanationLines(value, { ...terminal, asOfMs })) terminal.print(line);
  return exitCodes.ok;
}
