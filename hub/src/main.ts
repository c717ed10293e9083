import { describeError } from '@flotilla/shared/base';
import {
  createLogger,
  listenForShutdown,
  programVersion,
  readConfig,
  untilAborted,
} from '@flotilla/shared/kit';
import { cliPointerPath } from '@flotilla/shared/model';
import { type HubConfig, hubRules, hubSettings } from './config.ts';

const usage = `usage: flotilla-hub COMMAND [flags]

  serve          run the hub
  nats-config    print what an external NATS server needs to know of this fleet
  version        print the version

flotilla-hub serve --help lists every setting.
`;

process.exitCode = await main(process.argv.slice(2));

/** Runs one command; returns the exit code: 0 done, 1 failed, 2 usage. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'serve':
      return await configured(
        { command, summary: 'Keeps every registered cluster equal to Git.' },
        rest,
        serve,
      );
    case 'nats-config':
      return await configured(
        { command, summary: 'Prints the configuration of a NATS server.' },
        rest,
        printNatsConfig,
      );
    case 'version':
    case '--version':
      process.stdout.write(`flotilla-hub ${programVersion}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(usage);
      return 0;
    default:
      process.stderr.write(
        command === undefined ? usage : `flotilla-hub: unknown command ${command}\n\n${usage}`,
      );
      return 2;
  }
}

async function configured(
  about: { readonly command: string; readonly summary: string },
  args: readonly string[],
  run: (config: HubConfig) => Promise<number>,
): Promise<number> {
  const outcome = await readConfig({
    program: 'flotilla-hub',
    ...about,
    table: hubSettings,
    rules: hubRules,
    args,
  });
  return outcome.kind === 'end' ? outcome.exitCode : await run(outcome.config);
}

async function serve(config: HubConfig): Promise<number> {
  const isPlain = (process.env['NO_COLOR'] ?? '') !== '';
  const log = createLogger({
    program: 'flotilla-hub',
    level: config.logLevel,
    format: config.logFormat,
    isPlain,
  });
  using shutdown = listenForShutdown((exitCode) => process.exit(exitCode));
  const { startHub } = await import('./start.ts');
  try {
    await using hub = await startHub(
      { config, log, searchPath: process.env['PATH'] ?? '', cliPointer: cliPointerPath(process.env) },
      shutdown.signal,
    );
    log.info('hub is up', { version: programVersion, hub_id: hub.hubId, address: hub.apiUrl });
    const failure = await Promise.race([untilAborted(shutdown.signal), hub.failure]);
    if (failure !== undefined) throw failure;
    log.info('stopping');
  } catch (error) {
    if (shutdown.signal.aborted) return 0;
    log.error('cannot go on', { error });
    process.stderr.write(`flotilla-hub: ${describeError(error)}\n`);
    return 1;
  }
  return 0;
}

async function printNatsConfig(config: HubConfig): Promise<number> {
  const { natsConfigText } = await import('./start/nats-config.ts');
  process.stdout.write(await natsConfigText(config));
  return 0;
}
