import { apiVersion } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import type { ExitCode } from '../exit-code.ts';
import {
  nextFor,
  type OutputFormat,
  type RolloutView,
  rolloutLines,
  writeDocument,
} from '../output/index.ts';
import { findTarget, readRollout } from './rollout-target.ts';
import { verdictOf } from './rollout-verdict.ts';

/** `flotilla rollout status NAME`. */
export async function showRollout(
  name: string,
  { output }: { readonly output: OutputFormat },
  { openClient, signal, terminal }: CommandDeps,
): Promise<ExitCode> {
  const client = await openClient();
  const view = await readRollout(client, await findTarget(client, name, signal), signal);
  if (output === 'json' || output === 'yaml') await writeDocument(rolloutDocument(view), output, terminal);
  else for (const line of rolloutLines(view, { ...terminal, hasAges: true })) terminal.print(line);
  return verdictOf(view);
}

/** The same as a document. */
export function rolloutDocument(view: RolloutView): object {
  const { assignments, placement, rollout, asOfMs } = view;
  return {
    apiVersion,
    kind: 'RolloutStatus',
    asOfMs,
    rollout,
    failures: placement?.status.failures ?? [],
    stopped: placement?.status.stopped ?? [],
    unwell: assignments
      .filter(({ status }) => status.state !== 'Ready')
      .map(({ spec, status }) => ({ cluster: spec.cluster, state: status.state, reason: status.reason })),
    exitCode: verdictOf(view),
    next: nextFor(view),
  };
}
