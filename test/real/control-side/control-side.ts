import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ApiItems, ItemKind } from '@flotilla/shared/model';
import type { Fault } from '../git-server/index.ts';
import { waitFor } from '../waiting.ts';
import type { HubClient } from './hub-client.ts';
import { controlRepositoryName, Workshop } from './repository.ts';
import type { RunningProcess } from './running-process.ts';
import { startProcess } from './running-process.ts';
import { type ControlSettings, type ControlSideOptions, prepareControlSide } from './settings.ts';

const upDeadlineMs = 60_000;
const run = promisify(execFile);

/** The middle of a fleet: Git server and hub, each a process of its own, and a person's clone and command line. */
export class ControlSide implements AsyncDisposable {
  readonly settings: ControlSettings;
  /** A person's clone. */
  readonly workshop: Workshop;
  #git: RunningProcess;
  #hub: RunningProcess;

  private constructor(
    settings: ControlSettings,
    parts: { readonly git: RunningProcess; readonly hub: RunningProcess; readonly workshop: Workshop },
  ) {
    this.settings = settings;
    this.workshop = parts.workshop;
    this.#git = parts.git;
    this.#hub = parts.hub;
  }

  /** Starts both; resolves when the hub answers. Ends what it started when one of them fails. */
  static async start(options: ControlSideOptions): Promise<ControlSide> {
    const settings = await prepareControlSide(options);
    const git = startGit(settings);
    const hub = startHub(settings);
    try {
      await git.firstLine;
      await untilUp(settings, hub);
      const workshop = await Workshop.open(settings.controlUrl, settings.folder);
      return new ControlSide(settings, { git, hub, workshop });
    } catch (error) {
      await Promise.all([hub.stop(), git.stop()]);
      throw error;
    }
  }

  /** The hub's API. */
  get client(): HubClient {
    return this.settings.client;
  }

  /** Process ids of the hub and the Git server. */
  get pids(): { readonly hub: number | undefined; readonly git: number | undefined } {
    return { hub: this.#hub.child.pid, git: this.#git.child.pid };
  }

  /** What `flotilla get KIND -o json` prints, parsed. Rejects when the program does not end with 0. */
  async get<Kind extends ItemKind>(
    kind: Kind,
    ...more: readonly string[]
  ): Promise<readonly ApiItems[Kind][]> {
    // The command line prints the API's list in its documented shape.
    const list = JSON.parse(await this.flotilla('get', kind, '-o', 'json', ...more)) as {
      readonly items: readonly ApiItems[Kind][];
    };
    return list.items;
  }

  /** What the command line prints on standard output. Rejects when the program does not end with 0. */
  async flotilla(...args: readonly string[]): Promise<string> {
    const { programs, dataDir } = this.settings;
    const { stdout } = await run(process.execPath, [programs.cli, ...args, '--data-dir', dataDir], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  /** Ends the hub as a power cut would; a bus that is its child goes with it. */
  async killHub(): Promise<void> {
    await this.#hub.kill();
  }

  /** Asks the hub to end, as an init system does. Resolves with its exit code. */
  async stopHub(): Promise<number | string> {
    await this.#hub.stop();
    return await this.#hub.exited;
  }

  async restartHub(): Promise<void> {
    this.#hub = startHub(this.settings);
    await untilUp(this.settings, this.#hub);
  }

  /** Takes the Git server away. */
  async stopGit(): Promise<void> {
    await this.#git.stop();
  }

  /** Brings the Git server back at its old address. */
  async restartGit(): Promise<void> {
    this.#git = startGit(this.settings);
    await this.#git.firstLine;
  }

  /** Has the Git server misbehave for the control repository from now on; without faults it behaves again. */
  async gitMisbehaves(...faults: readonly Fault[]): Promise<void> {
    const response = await fetch(`${this.settings.gitUrl}/_faults/${controlRepositoryName}`, {
      method: 'PUT',
      body: JSON.stringify(faults),
    });
    if (!response.ok) throw new Error(`the Git server does not take ${faults}: ${response.status}`);
  }

  /** Fetches of the control repository that the Git server answered since its start. */
  async gitFetches(): Promise<number> {
    const response = await fetch(`${this.settings.gitUrl}/_stats`);
    // The Git server of the tests answers in its documented shape.
    const stats = (await response.json()) as Record<string, { readonly fetch?: number }>;
    return stats[`${controlRepositoryName}.git`]?.fetch ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub.stop();
    await this.#git.stop();
  }
}

function startGit({ programs, logs, gitRoot, gitPort }: ControlSettings): RunningProcess {
  return startProcess({
    name: 'git server',
    args: [programs.gitServer, '--root', gitRoot, '--port', String(gitPort)],
    logFile: join(logs, 'git.log'),
  });
}

function startHub({ programs, logs, folder, hubArguments }: ControlSettings): RunningProcess {
  return startProcess({
    name: 'hub',
    args: [programs.hub, 'serve', ...hubArguments],
    // The user's own pointer to a hub is not ours to change: what runs here is gone soon.
    env: { XDG_CONFIG_HOME: join(folder, 'config') },
    logFile: join(logs, 'hub.log'),
  });
}

/** Waits until the hub answers; says so at once when it ends instead. */
async function untilUp({ client, logs }: ControlSettings, hub: RunningProcess): Promise<void> {
  const ended = hub.exited.then((code) => {
    throw new Error(`the hub ended (${code}); see ${join(logs, 'hub.log')}`);
  });
  let isOver = false;
  void hub.exited.then(() => {
    isOver = true;
  });
  // A hub that has ended is not waited for: the error of `ended` is told instead.
  const isUp = async () => ((await client.isUp()) || isOver ? true : undefined);
  await Promise.race([waitFor('an answering hub', isUp, { withinMs: upDeadlineMs, everyMs: 50 }), ended]);
  ended.catch(() => undefined);
}
