import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection, type ParsedKey, type ServerChannel } from 'ssh2';
import { isolatedEnvironment } from './isolated-git.ts';

/** How the server is started. */
export interface SshGitServerOptions {
  /** Folder of bare repositories, whose names end in `.git`. */
  readonly root: string;
  /** Private host keys, in OpenSSH's format. */
  readonly hostKeys: readonly string[];
  /** The public key that may log in, as `ssh-ed25519 AAAA…`. */
  readonly authorized: string;
}

/**
 * How it misbehaves: `v0` takes no GIT_PROTOCOL, as an sshd without AcceptEnv; `hang` says nothing; `stall` and `cut` stop in the
 * middle of an answer, the latter with its connection; `deny-exec` opens no command.
 */
export type SshFault = 'v0' | 'hang' | 'stall' | 'cut' | 'deny-exec';

/** A running server. Listens on loopback only. */
export interface SshGitServer extends AsyncDisposable {
  readonly port: number;
  urlOf(repository: string): string;
  /** `login`, `refused login` and the commands, in order. */
  readonly seen: readonly string[];
  /** Connections so far, also those that never logged in. */
  connections(): number;
  /** Settings of git for every command from now on, as `uploadpack.allowFilter`. */
  configure(config: Readonly<Record<string, string>>): void;
  misbehave(fault: SshFault | undefined): void;
  /** Ends all connections, and goes on listening. */
  disconnect(): void;
}

interface State {
  readonly options: SshGitServerOptions;
  readonly seen: string[];
  readonly open: Set<Connection>;
  fault: SshFault | undefined;
  config: Readonly<Record<string, string>>;
}

/** Bytes of an answer before it stops, for `stall` and `cut`. */
const partBytes = 600;

/** Starts an SSH server that runs real `git upload-pack` for one key. */
export async function startSshGitServer(options: SshGitServerOptions): Promise<SshGitServer> {
  const state: State = { options, seen: [], open: new Set(), fault: undefined, config: {} };
  const authorized = ssh2.utils.parseKey(options.authorized);
  if (authorized instanceof Error || Array.isArray(authorized)) throw new Error('the authorized key is none');
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [...options.hostKeys] }, (client) => {
    connections += 1;
    serveClient(state, client, authorized);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  const disconnect = () => {
    for (const client of state.open) client.end();
  };
  return {
    port,
    urlOf: (repository) => `ssh://git@127.0.0.1:${port}/${repository}`,
    seen: state.seen,
    connections: () => connections,
    configure: (config) => {
      state.config = config;
    },
    misbehave: (fault) => {
      state.fault = fault;
    },
    disconnect,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      disconnect();
      await closed;
    },
  };
}

function serveClient(state: State, client: Connection, authorized: ParsedKey): void {
  state.open.add(client);
  client.on('error', () => {});
  client.on('close', () => state.open.delete(client));
  client.on('authentication', (attempt) => {
    const isKey = attempt.method === 'publickey' && attempt.key.data.equals(authorized.getPublicSSH());
    if (!isKey) {
      if (attempt.method === 'publickey') state.seen.push('refused login');
      return attempt.reject(['publickey']);
    }
    if (attempt.signature === undefined) return attempt.accept();
    if (authorized.verify(attempt.blob ?? Buffer.alloc(0), attempt.signature, attempt.hashAlgo) !== true) {
      return attempt.reject(['publickey']);
    }
    state.seen.push(`login ${attempt.username}`);
    attempt.accept();
  });
  client.on('session', (accept) => {
    const env: Record<string, string> = {};
    const session = accept();
    session.on('env', (agree, _refuse, { key, val }) => {
      if (key === 'GIT_PROTOCOL' && state.fault !== 'v0') env[key] = val;
      agree?.();
    });
    session.on('exec', (agree, refuse, { command }) => {
      state.seen.push(command);
      if (state.fault === 'deny-exec') return refuse?.();
      runCommand(state, client, { channel: agree(), command, env });
    });
  });
}

interface Run {
  readonly channel: ServerChannel;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** `git-upload-pack '/shop.git'`, through a shell as sshd would: what is quoted badly shows. */
function runCommand(state: State, client: Connection, { channel, command, env }: Run): void {
  if (state.fault === 'hang') return;
  const config = Object.entries(state.config);
  const settings = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  // Absolute paths of the client begin at the root of the repositories.
  const script = `git-upload-pack() { git upload-pack "${state.options.root}/\${1#/}"; }; ${command}`;
  const child = spawn('bash', ['-c', script], {
    cwd: join(state.options.root),
    env: isolatedEnvironment({
      ...env,
      GIT_CONFIG_COUNT: String(config.length),
      ...Object.fromEntries(settings),
    }),
  });
  child.stdin.on('error', () => {});
  channel.on('error', () => {});
  channel.pipe(child.stdin);
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code) => {
    if (state.fault === 'stall' || state.fault === 'cut') return;
    channel.exit(code ?? 1);
    channel.end();
  });
  if (state.fault !== 'stall' && state.fault !== 'cut')
    return void child.stdout.pipe(channel, { end: false });
  let left = partBytes;
  child.stdout.on('data', (chunk: Buffer) => {
    channel.write(chunk.subarray(0, left));
    left = Math.max(0, left - chunk.length);
    if (left === 0 && state.fault === 'cut') client.end();
  });
}
