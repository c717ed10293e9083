import { shortId } from '@flotilla/shared/base';
import { type AssignmentItem, problemCodes } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { ApiClient } from '../hub/index.ts';
import { checkName } from '../kinds.ts';
import { heldPruneLines } from '../output/index.ts';
import { type OperateOptions, printOperated } from './operate-rollout.ts';
import { findTarget, type RolloutTarget, readRollout } from './rollout-target.ts';

/** Flags of `rollout approve-prune`. */
export interface ApprovePruneOptions
  extends Pick<OperateOptions, 'output' | 'reason' | 'expectedSeq' | 'yes'> {
  readonly cluster: string;
  /** The list that was looked at, or the first 12 digits of its hash. */
  readonly hash?: string | undefined;
}

/**
 * `flotilla rollout approve-prune NAME --cluster C`: without a hash it shows the list that is held, asks, and allows exactly
 * what it has shown; with one nothing is asked, and another list is refused.
 */
export async function approvePrune(
  name: string,
  options: ApprovePruneOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const { terminal, signal } = deps;
  const { cluster, expectedSeq, reason = '' } = options;
  checkName('clusters', cluster);
  const client = await deps.openClient();
  const target = await findTarget(client, name, signal);
  const hash = options.hash ?? (await showAndAsk(client, target, { options, deps }));
  if (hash === undefined) {
    terminal.say('nothing was changed');
    return exitCodes.interrupted;
  }
  const wanted = { reason, expectedSeq, cluster, hash };
  await printOperated(await client.operateRollout(target, 'approve-prune', wanted, signal), options, deps);
  return exitCodes.ok;
}

/** The hash of the list that is held now, once somebody has seen it and said yes; undefined = no. */
async function showAndAsk(
  client: ApiClient,
  target: RolloutTarget,
  { options, deps }: { readonly options: ApprovePruneOptions; readonly deps: CommandDeps },
): Promise<string | undefined> {
  const { terminal, signal } = deps;
  const placement = await placementOf(client, target, signal);
  const { value: item } = await client.item('assignments', `${options.cluster}/${placement}`, signal);
  const held = item.status.heldPrune;
  if (held === undefined) throw nothingHeld(item);
  terminal.say(`${item.metadata.name} would delete:`);
  for (const line of heldPruneLines(held)) terminal.say(line);
  if (options.yes === true) return held.listHash;
  if (!terminal.canAsk) throw yesNeeded(placement, options.cluster, held.listHash);
  return (await terminal.isYes('delete exactly these?', signal)) ? held.listHash : undefined;
}

async function placementOf(client: ApiClient, target: RolloutTarget, signal: AbortSignal): Promise<string> {
  if (target.kind === 'placement') return target.name;
  return (await readRollout(client, target, signal)).rollout.spec.placement;
}

function nothingHeld({ metadata }: AssignmentItem): CliError {
  return new CliError(
    {
      code: problemCodes.noDeletesHeld,
      text: `nothing waits for a permission on ${metadata.name}`,
      cause: 'its agent holds no deletes back now',
      stillTrue: 'nothing was decided',
      next: `flotilla describe assignment ${metadata.name}`,
    },
    exitCodes.failed,
  );
}

function yesNeeded(placement: string, cluster: string, hash: string): CliError {
  return new CliError(
    {
      code: problemCodes.confirmationNeeded,
      text: `deleting these objects of ${placement} on ${cluster} needs a yes`,
      cause: 'there is no terminal to ask on',
      stillTrue: 'nothing was changed',
      next: `flotilla rollout approve-prune ${placement} --cluster ${cluster} --hash ${shortId(hash)}`,
    },
    exitCodes.usage,
  );
}
