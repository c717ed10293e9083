/** The commands about rollouts with their words, flags and help. */
import type { RolloutVerb } from '@flotilla/shared/model';
import type { Command } from 'commander';
import type { CommandDeps } from './command-deps.ts';
import type { ApprovePruneOptions } from './commands/approve-prune.ts';
import { commands } from './commands/index.ts';
import type { OperateOptions } from './commands/operate-rollout.ts';
import type { WatchRolloutOptions } from './commands/rollout-watch.ts';
import type { ExitCode } from './exit-code.ts';
import { addOutput, readCount, readDuration } from './flags.ts';
import type { HubFlags } from './hub/index.ts';
import type { OutputFormat } from './output/index.ts';

interface RolloutProgram {
  readonly depsFor: (flags: HubFlags) => CommandDeps;
}

type End = (code: ExitCode) => void;

const verbs: { readonly [verb in RolloutVerb]: string } = {
  pause: 'open no further wave until resume; what was started goes on',
  resume: 'end a pause, or a halt',
  approve: 'let what comes after a stage begin',
  promote: 'end the soak of the open wave; skips no check of failure',
  urgent: 'let what Git asks for replace what runs, pass windows that exempt urgent, and soak less',
  abort: 'end it where it stands: who has its release keeps it, nobody else gets it',
  undo: 'go back to the stable release, and reject what is undone until retry',
  retry: 'let what was rolled back, aborted, halted or skipped start again',
  skip: 'leave a cluster out of the rollout that runs',
  'approve-prune': 'let the agent of a cluster delete exactly the list that it holds back',
};

const nameHelp = 'a placement or the id of a rollout; placement/NAME and rollout/NAME say which';

/** `rollout ...` and `history`. */
export function addRollout(program: Command, { depsFor }: RolloutProgram, end: End): void {
  const rollout = program
    .command('rollout')
    .description('look at a rollout, and steer it')
    .helpCommand(false);

  const status = rollout
    .command('status')
    .description('one rollout on one screen; ends with 0, 3 failed, 5 waits for a person, 8 some unknown')
    .argument('<name>', nameHelp);
  addOutput(status, ['table', 'json', 'yaml']);
  status.action(async (name: string) => {
    const flags = status.opts<HubFlags & { readonly output: OutputFormat }>();
    const { showRollout } = await commands.rolloutStatus();
    end(await showRollout(name, flags, depsFor(flags)));
  });

  const watch = rollout
    .command('watch')
    .description('follow one until it has ended or is halted; ends as status does')
    .argument('<name>', nameHelp)
    .option('--timeout <duration>', 'give up after so long, with exit code 4', readDuration);
  addOutput(watch, ['table', 'json']);
  watch.action(async (name: string) => {
    const flags = watch.opts<WatchRolloutOptions & HubFlags>();
    const { watchRollout } = await commands.rolloutWatch();
    end(await watchRollout(name, flags, depsFor(flags)));
  });

  for (const verb of Object.keys(verbs) as RolloutVerb[]) addVerb(rollout, verb, { depsFor, end });

  const history = program
    .command('history')
    .description('rollouts of a placement that have ended, newest first: what, when, who, why')
    .argument('<placement>', 'its name');
  addOutput(history, ['table', 'json', 'yaml']);
  history.action(async (name: string) => {
    const flags = history.opts<HubFlags & { readonly output: OutputFormat }>();
    const { showHistory } = await commands.history();
    end(await showHistory(name, flags, depsFor(flags)));
  });
}

function addVerb(
  rollout: Command,
  verb: RolloutVerb,
  { depsFor, end }: RolloutProgram & { readonly end: End },
): void {
  const command = rollout.command(verb).description(verbs[verb]).argument('<name>', nameHelp);
  if (verb === 'skip') command.argument('<cluster>', 'the cluster to leave out');
  if (verb === 'abort' || verb === 'undo') command.option('-y, --yes', 'do not ask');
  if (verb === 'approve') command.option('--stage <name>', 'the stage that was looked at');
  if (verb === 'approve-prune') {
    command
      .requiredOption('--cluster <name>', 'the cluster whose agent asks')
      .option('--hash <hash>', 'the list that was looked at; without it, it is shown and asked about')
      .option('-y, --yes', 'do not ask');
  }
  command
    .option('--reason <text>', 'why, for the audit')
    .option('--expected-seq <number>', 'only if nothing was decided since this status.lastSeq', readCount);
  addOutput(command, ['table', 'json', 'yaml']);
  command.action(async (name: string, second: unknown) => {
    const flags = command.opts<OperateOptions & HubFlags>();
    if (verb === 'approve-prune') {
      const { approvePrune } = await commands.approvePrune();
      end(await approvePrune(name, command.opts<ApprovePruneOptions>(), depsFor(flags)));
      return;
    }
    const cluster = verb === 'skip' && typeof second === 'string' ? second : undefined;
    const { operateRollout } = await commands.operateRollout();
    end(await operateRollout({ verb, name, cluster }, flags, depsFor(flags)));
  });
}
