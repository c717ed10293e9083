import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, openAdminToken, startApiServer, writeCliContext } from '@flotilla/hub/http';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import { type FakeHubApi, fleetNowMs, smallFleet } from '../../fakes/hub-api/index.ts';
import { writeBundle } from '../../tools/build/bundle.ts';
import { hubRuntime } from '../../tools/build/runtime.ts';
import { type ChildOutcome, runChild } from '../../tools/child.ts';
import { rootFolder } from '../../tools/paths.ts';

const deadlineMs = 20_000;

/** The command line as one file, as it is shipped; removed again in the end. */
export interface BuiltCli extends AsyncDisposable {
  readonly path: string;
}

/** Bundles the command line; once for a file of tests, because starting from sources takes far longer. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-cli-build-'));
  const path = join(folder, 'flotilla');
  await writeBundle({
    entry: join(rootFolder, 'hub/cli/src/main.ts'),
    output: path,
    version: '0.1.0+test',
    runtime: hubRuntime,
  });
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A served fake hub with its data folder, and the command line as a process that finds it there. */
export interface CliWorld extends AsyncDisposable {
  readonly api: FakeHubApi;
  readonly dataDir: string;
  readonly port: number;
  /** Variables that the command line runs with: nothing of the caller's own hub. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a command to its end. */
  run(...words: readonly string[]): Promise<ChildOutcome>;
  /** The same by another path to the program, with more variables. */
  runAs(
    path: string,
    more: Readonly<Record<string, string>>,
    ...words: readonly string[]
  ): Promise<ChildOutcome>;
  /** Starts a command that goes on. */
  start(...words: readonly string[]): RunningCli;
  /** Event streams that are open at the hub. */
  openStreams(): number;
  /** Ends the hub; `serve` starts another one on the same port. */
  stop(): Promise<void>;
  serve(api?: FakeHubApi): Promise<void>;
}

/** Starts a world. All times are those of the fake fleet. */
export async function startCliWorld(
  { path: cli }: Pick<BuiltCli, 'path'>,
  api: FakeHubApi = smallFleet(),
): Promise<CliWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-cli-'));
  const { token, path: tokenFile } = await openAdminToken(dataDir);
  const env = {
    FLOTILLA_DATA_DIR: dataDir,
    FLOTILLA_HUB: undefined,
    FLOTILLA_TOKEN_FILE: undefined,
    HOME: dataDir,
    XDG_CONFIG_HOME: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
  };
  const running = new Set<RunningCli>();
  let server: ApiServer | undefined;
  let port = 0;
  const world: CliWorld = {
    api,
    dataDir,
    env,
    get port() {
      return port;
    },
    run: (...words) => runChild(process.execPath, [cli, ...words], { env, output: 'capture' }),
    runAs: (path, more, ...words) =>
      runChild(process.execPath, [path, ...words], { env: { ...env, ...more }, output: 'capture' }),
    start(...words) {
      const child = new RunningCli(
        spawn(process.execPath, [cli, ...words], { env: { ...process.env, ...env } }),
      );
      running.add(child);
      return child;
    },
    openStreams: () => server?.streams.count ?? 0,
    async stop() {
      await server?.[Symbol.asyncDispose]();
      server = undefined;
    },
    async serve(next = api) {
      const clock = { ...systemClock(), wallMs: () => fleetNowMs };
      server = await startApiServer({
        api: next,
        listen: { host: '127.0.0.1', port },
        token,
        clock,
        log: silentLogger,
      });
      ({ port } = server.address);
      await writeCliContext({ dataDir, address: server.address, tokenFile, pointer: undefined });
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) await child.end();
      await world.stop();
      await rm(dataDir, { recursive: true });
    },
  };
  await world.serve();
  return world;
}

/** A command that goes on, and what it has written so far. */
export class RunningCli {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number>;
  #stdout = '';
  #stderr = '';
  #wake: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.#exited = new Promise((resolve) => {
      child.once('close', (code) => {
        resolve(code ?? 1);
        this.#wake();
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves once the condition holds; rejects with everything written when it does not in time. */
  async until(holds: (running: RunningCli) => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!holds(this)) {
      if (deadline.aborted || this.#child.exitCode !== null) {
        throw new Error(`did not come true:\n${this.#stdout}\n-- stderr\n${this.#stderr}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Sends what Ctrl-C sends, and resolves with the exit code. */
  async interrupt(): Promise<number> {
    this.#child.kill('SIGINT');
    return this.#exited;
  }

  /** Resolves with the exit code once it has ended by itself. */
  ended(): Promise<number> {
    return this.#exited;
  }

  /** Ends it if it still runs. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
