import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTool, rootFolder } from '../../tools/index.ts';
import { freePorts } from '../free-ports.ts';
import { HubClient } from './hub-client.ts';
import { controlRepositoryName, seedRepository } from './repository.ts';

/** What a control side is made of. */
export interface ControlSideOptions {
  /** Everything of it lives here: repositories, the hub's data, logs. Started again in the same folder it goes on. */
  readonly folder: string;
  /** Folder whose files are the first commit; default: the example control repository. */
  readonly seed?: string;
  /** Programs to run; default: the sources. */
  readonly programs?: Partial<Programs>;
  /** Settings of the hub by flag name, added to or instead of those made here; undefined leaves one out. */
  readonly hubSettings?: Readonly<Record<string, string | undefined>>;
  /** Told when a tool has to be brought first. */
  readonly say?: (line: string) => void;
}

/** Paths of the programs as Node runs them. */
export interface Programs {
  readonly hub: string;
  readonly cli: string;
  readonly gitServer: string;
  readonly postReceive: string;
}

/** Where the parts of a control side are and how they are reached. */
export interface ControlSettings {
  readonly folder: string;
  readonly logs: string;
  readonly gitRoot: string;
  readonly gitPort: number;
  readonly gitUrl: string;
  readonly controlUrl: string;
  /** The hub's data folder. */
  readonly dataDir: string;
  readonly busPort: number;
  readonly programs: Programs;
  readonly client: HubClient;
  readonly hubArguments: readonly string[];
}

const sources: Programs = {
  hub: join(rootFolder, 'hub/src/main.ts'),
  cli: join(rootFolder, 'hub/cli/src/main.ts'),
  gitServer: join(rootFolder, 'test/real/git-server/main.ts'),
  postReceive: join(rootFolder, 'test/real/control-side/post-receive.ts'),
};

/** The programs as `npm run build` makes them. */
export const builtPrograms: Partial<Programs> = {
  hub: join(rootFolder, 'dist/flotilla-hub'),
  cli: join(rootFolder, 'dist/flotilla'),
};

/** Makes the folder, the repository with its hook, and the settings; starts nothing. */
export async function prepareControlSide(options: ControlSideOptions): Promise<ControlSettings> {
  const { folder, say } = options;
  const programs = { ...sources, ...options.programs };
  const logs = join(folder, 'logs');
  await mkdir(logs, { recursive: true });
  const nats = await findTool('nats-server', say === undefined ? {} : { say });
  const gitRoot = join(folder, 'git');
  await seedRepository(gitRoot, options.seed ?? join(rootFolder, 'deploy/examples/control-repo'));
  const ports = await portsOf(folder);
  const secretFile = join(folder, 'webhook-secret');
  await writeFile(secretFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  await installHook(gitRoot, {
    program: programs.postReceive,
    url: `http://127.0.0.1:${ports.webhook}/hooks/git`,
    secretFile,
  });
  const gitUrl = `http://127.0.0.1:${ports.git}`;
  const controlUrl = `${gitUrl}/${controlRepositoryName}.git`;
  const dataDir = join(folder, 'hub');
  const values: Record<string, string | undefined> = {
    'data-dir': dataDir,
    'control-url': controlUrl,
    'plain-http-hosts': '127.0.0.1',
    'http-address': `127.0.0.1:${ports.http}`,
    'agents-address': `127.0.0.1:${ports.agents}`,
    'enrol-address': `127.0.0.1:${ports.enrol}`,
    'health-address': `127.0.0.1:${ports.health}`,
    'nats-address': `127.0.0.1:${ports.bus}`,
    'nats-server': nats.path,
    'webhook-address': `127.0.0.1:${ports.webhook}`,
    'webhook-secret-file': secretFile,
    'advertise-hosts': '127.0.0.1',
    'log-format': 'json',
    ...options.hubSettings,
  };
  return {
    ...{ folder, logs, gitRoot, gitUrl, controlUrl, dataDir, programs },
    gitPort: ports.git,
    busPort: ports.bus,
    client: new HubClient(`http://127.0.0.1:${ports.http}`, join(dataDir, 'admin-token')),
    hubArguments: flagsOf(values),
  };
}

const portNames = ['git', 'http', 'agents', 'enrol', 'health', 'bus', 'webhook'] as const;
type Ports = Readonly<Record<(typeof portNames)[number], number>>;

/** The ports of this folder: agents that joined earlier come back to them. */
async function portsOf(folder: string): Promise<Ports> {
  const file = join(folder, 'ports.json');
  const before = await readFile(file, 'utf8').catch(() => undefined);
  // Written below.
  if (before !== undefined) return JSON.parse(before) as Ports;
  const free = await freePorts(portNames.length);
  // One port for each name.
  const ports = Object.fromEntries(portNames.map((name, index) => [name, free[index]])) as Ports;
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

function flagsOf(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);
}

/** The server's post-receive hook, as a person installs it: the hub only wakes up for it. */
async function installHook(
  gitRoot: string,
  to: { readonly program: string; readonly url: string; readonly secretFile: string },
): Promise<void> {
  const hooks = join(gitRoot, `${controlRepositoryName}.git`, 'hooks');
  const script = `#!/bin/sh\nexec "${process.execPath}" "${to.program}" "${to.url}" "${to.secretFile}"\n`;
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, 'post-receive'), script, { mode: 0o755 });
}
