import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ApiItems, ItemKind } from '@flotilla/shared/model';
import { type RunningProcess, startProcess } from '../../demo/children.ts';
import { HubClient } from '../../demo/hub-client.ts';
import { controlRepositoryName, seedRepository, Workshop } from '../../demo/repository.ts';
import { freePorts } from '../../real/control-plane/free-ports.ts';
import { waitFor } from '../../real/control-plane/index.ts';
import { findTool, rootFolder } from '../../tools/index.ts';

const upDeadlineMs = 60_000;
const run = promisify(execFile);

/** The middle of a test's world: Git server and hub, each a process of its own, and a person's clone and command line. */
export class ControlSide implements AsyncDisposable {
  readonly workshop: Workshop;
  readonly #parts: ControlParts;
  #git: RunningProcess;
  #hub: RunningProcess;

  private constructor(parts: ControlParts & { readonly git: RunningProcess; readonly hub: RunningProcess }) {
    this.#parts = parts;
    this.workshop = parts.workshop;
    this.#git = parts.git;
    this.#hub = parts.hub;
  }

  /** Starts both; resolves when the hub answers. Ends what it started when one of them fails. */
  static async start(folder: string): Promise<ControlSide> {
    const settings = await prepare(folder);
    const git = startGit(settings);
    const hub = startHub(settings);
    try {
      await git.firstLine;
      await untilUp(settings, hub);
      const workshop = await Workshop.open(settings.controlUrl, join(folder, 'workshop.git'));
      return new ControlSide({ ...settings, workshop, git, hub });
    } catch (error) {
      await Promise.all([hub.stop(), git.stop()]);
      throw error;
    }
  }

  /** The line that a person pastes to let a cluster join. */
  async joinLine(name: string, labels: { readonly [key: string]: string }): Promise<string> {
    return await this.#parts.client.joinLine(name, labels);
  }

  /** What `flotilla get KIND -o json` prints, parsed. Rejects when the program does not end with 0. */
  async get<Kind extends ItemKind>(
    kind: Kind,
    ...more: readonly string[]
  ): Promise<readonly ApiItems[Kind][]> {
    const program = join(rootFolder, 'hub/cli/src/main.ts');
    const args = [program, 'get', kind, '-o', 'json', '--data-dir', this.#parts.dataDir, ...more];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
    // The command line prints the API's list in its documented shape.
    return (JSON.parse(stdout) as { readonly items: readonly ApiItems[Kind][] }).items;
  }

  /** Ends the hub as a power cut would. */
  async killHub(): Promise<void> {
    await this.#hub.kill();
  }

  async restartHub(): Promise<void> {
    this.#hub = startHub(this.#parts);
    await untilUp(this.#parts, this.#hub);
  }

  /** Takes the Git server away. */
  async stopGit(): Promise<void> {
    await this.#git.stop();
  }

  /** Brings the Git server back at its old address. */
  async restartGit(): Promise<void> {
    this.#git = startGit(this.#parts);
    await this.#git.firstLine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub.stop();
    await this.#git.stop();
  }
}

interface Settings {
  readonly folder: string;
  readonly dataDir: string;
  readonly gitPort: number;
  readonly controlUrl: string;
  readonly client: HubClient;
  readonly hubArguments: readonly string[];
}

interface ControlParts extends Settings {
  readonly workshop: Workshop;
}

async function prepare(folder: string): Promise<Settings> {
  await mkdir(join(folder, 'logs'), { recursive: true });
  const nats = await findTool('nats-server');
  const gitRoot = join(folder, 'git');
  await mkdir(gitRoot);
  await seedRepository(gitRoot, join(rootFolder, 'deploy/examples/control-repo'));
  const [gitPort = 0, ...ports] = await freePorts(7);
  const [http, agents, enrol, health, bus, hook] = ports.map((port) => `127.0.0.1:${port}`);
  const controlUrl = `http://127.0.0.1:${gitPort}/${controlRepositoryName}.git`;
  const dataDir = join(folder, 'hub');
  const secretFile = join(folder, 'webhook-secret');
  await writeFile(secretFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  await installHook(gitRoot, { url: `http://${hook}/hooks/git`, secretFile });
  const values: Record<string, string | undefined> = {
    'data-dir': dataDir,
    'control-url': controlUrl,
    'plain-http-hosts': '127.0.0.1',
    'http-address': http,
    'agents-address': agents,
    'enrol-address': enrol,
    'health-address': health,
    'nats-address': bus,
    'nats-server': nats.path,
    'webhook-address': hook,
    'webhook-secret-file': secretFile,
    'advertise-hosts': '127.0.0.1',
    'log-format': 'json',
  };
  return {
    folder,
    dataDir,
    gitPort,
    controlUrl,
    client: new HubClient(`http://${http}`, join(dataDir, 'admin-token')),
    hubArguments: Object.entries(values).map(([name, value]) => `--${name}=${value}`),
  };
}

function startGit({ folder, gitPort }: Settings): RunningProcess {
  const program = join(rootFolder, 'test/real/git-server/main.ts');
  return startProcess({
    name: 'git server',
    args: [program, '--root', join(folder, 'git'), '--port', String(gitPort)],
    logFile: join(folder, 'logs', 'git.log'),
  });
}

function startHub({ folder, hubArguments }: Settings): RunningProcess {
  return startProcess({
    name: 'hub',
    args: [join(rootFolder, 'hub/src/main.ts'), 'serve', ...hubArguments],
    // The user's own pointer to a hub is not a test's to change.
    env: { XDG_CONFIG_HOME: join(folder, 'config') },
    logFile: join(folder, 'logs', 'hub.log'),
  });
}

/** Waits until the hub answers; says so at once when it ends instead. */
async function untilUp({ client, folder }: Settings, hub: RunningProcess): Promise<void> {
  const ended = hub.exited.then((code) => {
    throw new Error(`the hub ended (${code}); see ${join(folder, 'logs', 'hub.log')}`);
  });
  await Promise.race([waitFor('an answering hub', upDeadlineMs, () => client.isUp()), ended]);
  ended.catch(() => undefined);
}

/** The server's post-receive hook, as a person installs it: the hub only wakes up for it. */
async function installHook(
  gitRoot: string,
  to: { readonly url: string; readonly secretFile: string },
): Promise<void> {
  const program = join(rootFolder, 'test/demo/post-receive.ts');
  const hooks = join(gitRoot, `${controlRepositoryName}.git`, 'hooks');
  const script = `#!/bin/sh\nexec "${process.execPath}" "${program}" "${to.url}" "${to.secretFile}"\n`;
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, 'post-receive'), script, { mode: 0o755 });
}
