import { apiVersion, type RolloutOperated, type RolloutVerb } from '@flotilla/shared/model';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { checkName } from '../kinds.ts';
import { commitText, type OutputFormat, plural, type RolloutView, writeDocument } from '../output/index.ts';
import { commandText } from '../terminal.ts';
import { findTarget, readRollout } from './rollout-target.ts';

/** Flags of the verbs. */
export interface OperateOptions {
  readonly output: OutputFormat;
  readonly reason?: string | undefined;
  readonly expectedSeq?: number | undefined;
  /** Of abort and undo. */
  readonly yes?: boolean | undefined;
  /** Of approve. */
  readonly stage?: string | undefined;
}

/** `flotilla rollout VERB NAME`, and for skip the cluster. */
export async function operateRollout(
  asked: { readonly verb: RolloutVerb; readonly name: string; readonly cluster?: string | undefined },
  options: OperateOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const { verb, cluster } = asked;
  const { terminal, signal } = deps;
  if (cluster !== undefined) checkName('clusters', cluster);
  const client = await deps.openClient();
  const target = await findTarget(client, asked.name, signal);
  const mayAsk = (verb === 'abort' || verb === 'undo') && options.yes !== true && terminal.canAsk;
  if (mayAsk) {
    terminal.say(consequence(verb, await readRollout(client, target, signal)));
    if (!(await terminal.isYes(`${verb} it?`, signal))) {
      terminal.say('nothing was changed');
      return exitCodes.interrupted;
    }
  }
  const { expectedSeq, reason = '', stage } = options;
  const wanted = { reason, ...(verb === 'approve' && { stage }), cluster, expectedSeq };
  await printOperated(await client.operateRollout(target, verb, wanted, signal), options, deps);
  return exitCodes.ok;
}

/** What the operation does to how many clusters. */
function consequence(verb: 'abort' | 'undo', { placement, rollout }: RolloutView): string {
  const { counts } = rollout.status;
  const isOver = rollout.status.endedAtMs !== undefined;
  const touched = isOver ? (placement?.status.targets ?? 0) : counts.targets - counts.waiting;
  const name = rollout.metadata.name;
  if (verb === 'abort') {
    return `${name} ends where it stands: ${plural(touched, 'cluster')} of ${counts.targets} keep its release, nobody else gets it.`;
  }
  const stable = placement?.status.stable;
  const where = stable === undefined || isOver ? 'the stable release before it' : commitText(stable.commit);
  return `up to ${plural(touched, 'cluster')} of ${rollout.spec.placement} go back to ${where}, without waiting for waves to soak.`;
}

/** What came of it, and what to look at next. */
export async function printOperated(
  operated: RolloutOperated,
  { output }: Pick<OperateOptions, 'output'>,
  { terminal }: CommandDeps,
): Promise<void> {
  if (output === 'json' || output === 'yaml') {
    await writeDocument({ apiVersion, kind: 'RolloutOperated', ...operated }, output, terminal);
    return;
  }
  const { isChanged, placement, rollout, text, verb } = operated;
  terminal.print(`rollout/${rollout} ${text}`);
  if (!isChanged) terminal.say('it was so already: nothing was decided');
  const follows = verb === 'pause' || verb === 'abort' ? 'status' : 'watch';
  terminal.say(`next: ${commandText(terminal.programName, `flotilla rollout ${follows} ${placement}`)}`);
}
