/** The one place where the command library enters: every command with its words, flags and help. */
import { programVersion } from '@flotilla/shared/kit/program-version';
import { Command, CommanderError, Option } from 'commander';
import type { CommandDeps } from './command-deps.ts';
import type { GetOptions } from './commands/get.ts';
import { commands } from './commands/index.ts';
import type { JoinOptions } from './commands/join-command.ts';
import type { RemoveOptions } from './commands/remove-cluster.ts';
import { readTree } from './completion/command-tree.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { addOutput, readCount } from './flags.ts';
import { completionHelp, helpEnd } from './help-texts.ts';
import type { HubFlags } from './hub/index.ts';
import { kinds } from './kinds.ts';
import type { OutputFormat } from './output/index.ts';
import { addEpoch, addSource } from './program-decide.ts';
import { addPreview } from './program-preview.ts';
import { addRollout } from './program-rollout.ts';
import { addWait } from './program-wait.ts';
import { wrongWords } from './wrong-words.ts';

/** What the commands are run with. */
export interface ProgramOptions {
  readonly programName: string;
  /** Makes what a command works with, once its flags are known. */
  readonly depsFor: (flags: HubFlags) => CommandDeps;
  /** For help. */
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
}

interface CommonFlags extends HubFlags {
  readonly output: OutputFormat;
}

/**
 * Runs the command that the words name. Every command loads its own code when it runs: a start costs only what it
 * needs. Rejects with CliError, also for wrong words.
 */
export async function runProgram(words: readonly string[], options: ProgramOptions): Promise<ExitCode> {
  const outcome: { code: ExitCode } = { code: exitCodes.ok };
  const program = buildProgram(options, (code) => {
    outcome.code = code;
  });
  if (words.length === 0) {
    program.outputHelp();
    return exitCodes.ok;
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.ok;
    // The help of a group was printed because its command is missing.
    if (error.code === 'commander.help') return exitCodes.usage;
    throw wrongWords(error, words, program);
  }
  return outcome.code;
}

type End = (code: ExitCode) => void;

function buildProgram(options: ProgramOptions, end: End): Command {
  const program = new Command(options.programName)
    .description('Keeps any number of Kubernetes clusters equal to what Git says.')
    .version(programVersion, '-V, --version', 'print the version of this program')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => options.print(text.trimEnd()),
      writeErr: (text) => {
        // Errors are told by the caller; what is left is the help of a group whose command is missing.
        if (!text.startsWith('error:')) options.say(text.trimEnd());
      },
      outputError: () => {},
    });
  addReading(program, options, end);
  addRollout(program, options, end);
  addWait(program, options, end);
  addPreview(program, options, end);
  addCluster(program, options, end);
  addSource(program, options, end);
  addEpoch(program, options, end);
  addOthers(program, options, end);
  program.addHelpText('after', helpEnd);
  return program;
}

function addReading(program: Command, options: ProgramOptions, end: End): void {
  const get = program
    .command('get')
    .description('list clusters, placements, assignments or rollouts, or show one')
    .argument('<kind>', 'clusters, placements, assignments or rollouts')
    .argument('[name]', 'one of them; assignments are named CLUSTER/PLACEMENT')
    .option('-l, --selector <labels>', 'labels, as kubectl takes them: env=prod,tier in (web,db),!old')
    .option('--field <fields>', 'the same over fields: state!=Ready,placement=checkout')
    .option('-w, --watch', 'go on and print what changes')
    .option('-A, --all', 'list everything, however long')
    .option('--limit <number>', 'list at most so many', readCount)
    .option('--no-headers', 'leave out the header line');
  addOutput(get, ['table', 'wide', 'json', 'yaml', 'name']);
  get.action(async (kind: string, name: string | undefined) => {
    const flags = get.opts<GetOptions & HubFlags>();
    const { getItems } = await commands.get();
    end(await getItems(kind, name, flags, options.depsFor(flags)));
  });

  const describe = program
    .command('describe')
    .description('everything about one cluster, placement, assignment or rollout')
    .argument('<kind>', 'cluster, placement, assignment or rollout')
    .argument('<name>', 'its name; assignments are named CLUSTER/PLACEMENT');
  addOutput(describe, ['table', 'json', 'yaml']);
  describe.action(async (kind: string, name: string) => {
    const flags = describe.opts<CommonFlags>();
    const { describeItem } = await commands.describe();
    end(await describeItem(kind, name, flags, options.depsFor(flags)));
  });

  const why = program
    .command('why')
    .description('why a placement is on a cluster as it is: one reason, and what to do')
    .argument('<cluster>', 'its name')
    .argument('<placement>', 'its name');
  addOutput(why, ['table', 'json', 'yaml']);
  why.action(async (cluster: string, placement: string) => {
    const flags = why.opts<CommonFlags>();
    const { explainWhy } = await commands.why();
    end(await explainWhy(cluster, placement, flags, options.depsFor(flags)));
  });

  const whyNot = program
    .command('why-not')
    .description(
      'each term of a rule that keeps a placement away from a cluster, and what would have to change',
    )
    .argument('<cluster>', 'its name')
    .argument('<placement>', 'its name');
  addOutput(whyNot, ['table', 'json', 'yaml']);
  whyNot.action(async (cluster: string, placement: string) => {
    const flags = whyNot.opts<CommonFlags>();
    const { explainWhyNot } = await commands.whyNot();
    end(await explainWhyNot(cluster, placement, flags, options.depsFor(flags)));
  });

  const status = program
    .command('status')
    .description('the fleet on one screen: hub, bus, Git, counts, causes of failure')
    .option(
      '--exit-code',
      'end with 0 only when all is well (3 failed, 5 waits for a person, 8 some unknown)',
    );
  addOutput(status, ['table', 'json', 'yaml']);
  status.action(async () => {
    const flags = status.opts<CommonFlags & { readonly exitCode?: boolean }>();
    const { showStatus } = await commands.status();
    end(await showStatus(flags, options.depsFor(flags)));
  });
}

function addCluster(program: Command, options: ProgramOptions, end: End): void {
  const cluster = program.command('cluster').description('let clusters join and leave').helpCommand(false);
  const join = cluster
    .command('join-command')
    .description('print the line to paste on a cluster, with a token that works once')
    .argument('<name>', 'name that the cluster will have')
    .option(
      '-l, --labels <labels>',
      'labels of the cluster, k=v joined by commas; may be given again',
      collect,
    )
    .option('--rejoin', 'for a registered cluster whose agent lost its identity; it keeps its labels')
    .option('--ttl <duration>', 'how long the token can be used', '1h')
    .addOption(
      new Option('--profile <profile>', 'rights of the agent inside the cluster')
        .choices(['admin', 'listed', 'namespaced'])
        .default('admin'),
    )
    .addOption(new Option('--only <what>', 'print one thing alone').choices(['process', 'kubectl', 'line']))
    .option('--reason <text>', 'why, for the audit');
  addOutput(join, ['table', 'json', 'yaml']);
  join.action(async (name: string) => {
    const flags = join.opts<JoinOptions & HubFlags>();
    const { joinCommand } = await commands.joinCommand();
    end(await joinCommand(name, flags, options.depsFor(flags)));
  });

  const remove = cluster
    .command('remove')
    .description('delete the registration: the agent is refused, the objects stay')
    .argument('<name>', 'name of the cluster')
    .option('-y, --yes', 'do not ask')
    .option('--reason <text>', 'why, for the audit');
  addOutput(remove, ['table', 'json', 'yaml']);
  remove.action(async (name: string) => {
    const flags = remove.opts<RemoveOptions & HubFlags>();
    const { removeCluster } = await commands.removeCluster();
    end(await removeCluster(name, flags, options.depsFor(flags)));
  });
}

function addOthers(program: Command, options: ProgramOptions, end: End): void {
  const version = program
    .command('version')
    .description('versions of this program and of the hub')
    .option('--client', 'do not ask the hub');
  addOutput(version, ['table', 'json', 'yaml']);
  version.action(async () => {
    const flags = version.opts<CommonFlags & { readonly client?: boolean }>();
    const { showVersion } = await commands.version();
    end(await showVersion(flags, options.depsFor(flags)));
  });

  const completion = program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionScript } = await import('./completion/index.ts');
      options.print(completionScript(shell, readTree(program, wordsOf)));
      end(exitCodes.ok);
    });
  completion.addHelpText('after', completionHelp(options.programName));
}

/** Words that arguments may be; the others are names that only the hub knows. */
function wordsOf(command: string, argument: string): readonly string[] {
  if (argument === 'shell') return ['bash', 'zsh', 'fish'];
  if (argument !== 'kind') return [];
  return kinds.map(({ kind, one }) => (command === 'get' ? kind : one));
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
