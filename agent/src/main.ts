import { describeError } from '@flotilla/shared/base';
import {
  createLogger,
  listenForShutdown,
  programVersion,
  readConfig,
  untilAborted,
} from '@flotilla/shared/kit';
import { type AgentConfig, agentRules, agentSettings } from './config.ts';

const usage = `usage: flotilla-agent COMMAND [flags]

  run        keep this cluster equal to what its hub assigns
  apply      apply a folder or a path in Git, without a hub
  render     print what would be applied
  health     say of objects whether they are well
  version    print the version

flotilla-agent COMMAND --help lists every setting.
`;

process.exitCode = await main(process.argv.slice(2));

/** Runs one command; returns the exit code: 0 done, 1 failed, 2 usage. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'run': {
      const outcome = await readConfig({
        program: 'flotilla-agent',
        command,
        summary:
          'Keeps this cluster equal to what its hub assigns; what it holds it keeps without the hub, too.',
        table: agentSettings,
        rules: agentRules,
        inspect: async (reading) => [
          ...(await (await import('./start/join-line.ts')).inspectJoin(reading)),
          ...(await (await import('./start/policy-file.ts')).inspectPolicy(reading)),
        ],
        args: rest,
      });
      return outcome.kind === 'end' ? outcome.exitCode : await run(outcome.config);
    }
    case 'apply':
    case 'render':
    case 'health':
      return await (await import('./alone/index.ts')).runAlone(command, rest);
    case 'version':
    case '--version':
      process.stdout.write(`flotilla-agent ${programVersion}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(usage);
      return 0;
    default:
      process.stderr.write(
        command === undefined ? usage : `flotilla-agent: unknown command ${command}\n\n${usage}`,
      );
      return 2;
  }
}

async function run(config: AgentConfig): Promise<number> {
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '';
  const log = createLogger({
    program: 'flotilla-agent',
    level: config.logLevel,
    format: config.logFormat,
    isPlain,
  });
  using shutdown = listenForShutdown((exitCode) => process.exit(exitCode));
  const { startAgent } = await import('./start.ts');
  try {
    await using agent = await startAgent({ config, log }, shutdown.signal);
    log.info('agent is up', { version: programVersion, cluster: agent.clusterName });
    await untilAborted(shutdown.signal);
    log.info('stopping');
  } catch (error) {
    if (shutdown.signal.aborted) return 0;
    log.error('cannot go on', { error });
    process.stderr.write(`flotilla-agent: ${describeError(error)}\n`);
    return 1;
  }
  return 0;
}
