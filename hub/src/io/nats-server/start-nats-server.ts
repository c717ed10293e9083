import { createServer } from 'node:net';
import type { Clock, Random } from '@flotilla/shared/base';
import { backoffMs, formatDurationMs } from '@flotilla/shared/base';
import { type Child, type Logger, lockDataFolder, startChild } from '@flotilla/shared/kit';
import type { NatsAccounts } from '../nats-accounts/index.ts';
import type { TlsServerMaterial } from '../signer/index.ts';
import { findNatsProgram, type ProgramPlace } from './find-program.ts';
import { natsServerError } from './nats-server-error.ts';
import { endStaleServer, watchForOurDeath } from './orphan.ts';
import {
  forgetPorts,
  readLastPort,
  readTakenPort,
  type ServerFiles,
  serverFilesIn,
  writeLastPort,
  writeServerFiles,
} from './server-files.ts';
import { lastWords, logServerLine } from './server-lines.ts';

/** What the hub's own NATS server is started with. */
export interface NatsServerOptions {
  readonly program: ProgramPlace;
  /** Folder of its own: configuration, certificates, streams. One server at a time works on it. */
  readonly folder: string;
  /** Address to listen on; 127.0.0.1 unless agents on other machines are to reach it. */
  readonly host: string;
  /** 0 = the port of the last start if it is free, else any free one. */
  readonly port: number;
  readonly accounts: NatsAccounts;
  readonly tls: TlsServerMaterial;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A NATS server that lives as long as the hub. */
export interface NatsServer extends AsyncDisposable {
  /** tls://host:port for clients on this machine; the same after every restart of the server. */
  readonly url: string;
  readonly port: number;
  /** `2.15.2`. */
  readonly version: string;
  /** False while it is being started again. */
  readonly isUp: boolean;
  /** Process id of the running server; undefined while there is none. */
  readonly pid: number | undefined;
}

const graceMs = 10_000;
const pollMs = 20;
/** A store of many gigabytes is read through at start. */
const readyMs = 120_000;
const restartBackoff = { baseMs: 250, capMs: 10_000 } as const;
/** A server that ran so long did not die of its configuration. */
const settledMs = 60_000;

/**
 * Starts nats-server as a child and keeps it running: when it dies it is started again on the same port, with a growing
 * pause. Resolves when it takes connections. Rejects with NatsServerError when it is missing, too old or does not come
 * up, with its own last lines. Disposing ends it with SIGTERM, and SIGKILL after 10 s.
 */
export async function startNatsServer(options: NatsServerOptions, signal: AbortSignal): Promise<NatsServer> {
  const { clock, log, host } = options;
  const program = await findNatsProgram(options.program, signal);
  const lock = await lockDataFolder(options.folder, 'nats-server');
  try {
    const files = serverFilesIn(options.folder);
    await endStaleServer(files, { clock, log, graceMs }, signal);
    const port = await choosePort(options, files);
    await writeServerFiles(files, { accounts: options.accounts, tls: options.tls, host, port });
    const first = await launch({ options, files, program: program.path, port }, signal);
    await writeLastPort(files, first.port);
    // From now on the port is fixed: clients were told.
    await writeServerFiles(files, { accounts: options.accounts, tls: options.tls, host, port: first.port });
    log.info('bus server is up', {
      child: 'nats-server',
      version: program.version,
      address: `${host}:${first.port}`,
    });
    const supervisor = supervise({ options, files, program: program.path, port: first.port }, first);
    return {
      url: `tls://${urlHost(host)}:${first.port}`,
      port: first.port,
      version: program.version,
      get isUp() {
        return supervisor.current() !== undefined;
      },
      get pid() {
        return supervisor.current()?.child.pid;
      },
      async [Symbol.asyncDispose]() {
        await supervisor.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Launching {
  readonly options: NatsServerOptions;
  readonly files: ServerFiles;
  readonly program: string;
  readonly port: number;
}

interface Running {
  readonly child: Child;
  readonly port: number;
  readonly startedMs: number;
  /** Takes the watcher away that ends the server when we die. */
  readonly callOff: () => void;
}

/** Starts the program and waits until it listens. A server that is not ready in time, or at an abort, is ended. */
async function launch({ options, files, program }: Launching, signal: AbortSignal): Promise<Running> {
  const { clock, log } = options;
  await forgetPorts(files);
  const child = await startChild({
    program,
    args: ['-c', files.configFile],
    env: {},
    cwd: files.folder,
    graceMs,
    onLine: (line) => logServerLine(log, line),
  });
  const callOff = watchForOurDeath({ pid: child.pid, pidFile: files.pidFile }, log);
  const startedMs = clock.nowMs();
  try {
    const port = await waitUntilReady({ child, files, clock }, signal);
    return { child, port, startedMs, callOff };
  } catch (error) {
    await child.stop();
    callOff();
    throw error;
  }
}

interface Waiting {
  readonly child: Child;
  readonly files: ServerFiles;
  readonly clock: Clock;
}

async function waitUntilReady({ child, files, clock }: Waiting, signal: AbortSignal): Promise<number> {
  const decided = new AbortController();
  const died = child.exited.then((exit): never => {
    throw natsServerError('NATS_SERVER_FAILED', `nats-server ended at once: ${lastWords(exit)}`);
  });
  const ready = pollPort({ child, files, clock }, AbortSignal.any([signal, decided.signal]));
  try {
    return await Promise.race([died, ready]);
  } finally {
    decided.abort();
  }
}

async function pollPort({ child, files, clock }: Waiting, signal: AbortSignal): Promise<number> {
  const deadlineMs = clock.nowMs() + readyMs;
  while (clock.nowMs() < deadlineMs) {
    const port = await readTakenPort(files, child.pid);
    if (port !== undefined) return port;
    await clock.sleep(pollMs, signal);
  }
  throw natsServerError('NATS_SERVER_FAILED', `nats-server was not ready after ${formatDurationMs(readyMs)}`);
}

interface Supervisor {
  current(): Running | undefined;
  stop(): Promise<void>;
}

/** Watches a running server, and starts the next when it ends by itself. */
function supervise(launching: Launching, first: Running): Supervisor {
  const { clock, log, random } = launching.options;
  const stopping = new AbortController();
  let current: Running | undefined = first;
  let failures = 0;

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (current !== undefined) await outlive(current);
      else await startAgain();
    }
  }

  async function outlive(running: Running): Promise<void> {
    const exit = await running.child.exited;
    running.callOff();
    current = undefined;
    if (stopping.signal.aborted) return;
    if (clock.nowMs() - running.startedMs > settledMs) failures = 0;
    log.error('bus server died: starting it again', { child: 'nats-server', reason: lastWords(exit) });
  }

  async function startAgain(): Promise<void> {
    try {
      await clock.sleep(backoffMs(failures, restartBackoff, random), stopping.signal);
      failures += 1;
      current = await launch(launching, stopping.signal);
      log.info('bus server is up again', { child: 'nats-server', attempt: failures });
    } catch (error) {
      if (stopping.signal.aborted) return;
      log.error('bus server cannot be started: trying again', {
        child: 'nats-server',
        attempt: failures,
        error,
      });
    }
  }

  const watching = watch();
  return {
    current: () => current,
    async stop() {
      stopping.abort(new DOMException('the bus server is being stopped', 'AbortError'));
      await current?.child.stop();
      await watching;
    },
  };
}

/** The wished port, or the last one when it is free; 0 lets the server choose. */
async function choosePort({ port, host }: NatsServerOptions, files: ServerFiles): Promise<number> {
  const wished = port === 0 ? await readLastPort(files) : port;
  if (wished === 0 || (await isFree(host, wished))) return wished;
  if (port === 0) return 0;
  throw natsServerError(
    'NATS_PORT_TAKEN',
    `${host}:${port} is taken by another process: stop it, or choose another port for the bus with --nats-address`,
  );
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
