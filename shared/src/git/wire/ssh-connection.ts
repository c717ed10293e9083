import type { Buffer } from 'node:buffer';
import { PassThrough } from 'node:stream';
import { describeError } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { logIn, type SshChannel, type SshClient, type SshOptions } from './ssh-login.ts';

/** A command that runs on the server. */
export interface SshCommand {
  /** What the command writes, as it comes; ends with the command, or with the connection. */
  readonly output: AsyncIterable<Buffer>;
  send(bytes: Buffer): void;
  /** Closes the command's input. */
  end(): void;
  /** What it said on its way out, once `output` has ended: its exit code, if it had time for one, and its complaints. An abort ends the wait. */
  lastWords(signal: AbortSignal): Promise<{ readonly code: number | undefined; readonly text: string }>;
  /** Gives the channel up, whatever the command still does. */
  abandon(reason: unknown): void;
}

/** Runs commands on one server, over one connection that is closed when it has been idle. */
export interface SshConnection {
  /** Throws GIT_HOST_KEY, GIT_SSH_KEY, GIT_UNAUTHORIZED, GIT_UNREACHABLE, GIT_TIMEOUT, GIT_ADDRESS_REFUSED. */
  run(command: string, env: Readonly<Record<string, string>>): Promise<SshCommand>;
  close(): void;
}

/** Idle connections are closed, so that a server keeps no login for us; as over HTTP. */
const idleMs = 15_000;
/** Kept of what a command writes to standard error. */
const complaintBytesMax = 2_048;
/** A connection, and the commands that run over it. */
interface Login {
  readonly client: Promise<SshClient>;
  uses: number;
  idle: NodeJS.Timeout | undefined;
}

/** Connects nothing yet; the first command does. */
export function sshConnection(options: SshOptions): SshConnection {
  let current: Login | undefined;

  function loggedIn(): Login {
    if (current !== undefined) return current;
    const forget = () => {
      if (current === login) current = undefined;
    };
    const login: Login = { client: logIn(options, forget), uses: 0, idle: undefined };
    login.client.catch(forget);
    current = login;
    return login;
  }

  function release(login: Login): void {
    login.uses -= 1;
    if (login.uses > 0) return;
    if (current === login) login.idle = setTimeout(() => end(login), idleMs);
    else end(login);
  }

  function end(login: Login): void {
    clearTimeout(login.idle);
    if (current === login) current = undefined;
    login.client.then(
      (client) => client.end(),
      () => {},
    );
  }

  /** Runs it, or says why the connection takes no command. */
  async function tryOn(
    login: Login,
    command: string,
    env: Readonly<Record<string, string>>,
  ): Promise<SshCommand | Error> {
    clearTimeout(login.idle);
    login.uses += 1;
    let outcome: SshCommand | Error | undefined;
    try {
      outcome = await execute(await login.client, { command, env, onClose: () => release(login) });
      return outcome;
    } finally {
      if (outcome === undefined || outcome instanceof Error) release(login);
    }
  }

  return {
    async run(command, env) {
      const kept = current;
      const first = await tryOn(loggedIn(), command, env);
      if (!(first instanceof Error)) return first;
      // A kept connection may turn out to be closed, or to have all the commands that it may: then once more over a new one.
      if (kept !== undefined && current === kept) current = undefined;
      const second = kept === undefined ? first : await tryOn(loggedIn(), command, env);
      if (!(second instanceof Error)) return second;
      const text = `the server of ${options.shownUrl} runs no command: ${describeError(second)}`;
      throw new GitError('GIT_UNREACHABLE', text, second);
    },
    close() {
      if (current !== undefined) end(current);
    },
  };
}

interface Execution {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onClose: () => void;
}

/** Listens before it answers: a command that fails at once has ended when a promise settles. */
function execute(client: SshClient, { command, env, onClose }: Execution): Promise<SshCommand | Error> {
  return new Promise((resolve) => {
    try {
      client.exec(command, { env: { ...env } }, (error, channel) => {
        resolve(error === undefined ? commandOn(channel, onClose) : error);
      });
    } catch (caught) {
      // The library throws for a connection that is closed.
      resolve(caught instanceof Error ? caught : new Error(String(caught)));
    }
  });
}

function commandOn(channel: SshChannel, onClose: () => void): SshCommand {
  const output = new PassThrough();
  // Whoever reads sees it; nobody else needs to.
  output.on('error', () => {});
  channel.pipe(output);
  let code: number | undefined;
  let text = '';
  channel.on('exit', (status: number | null) => {
    code = status ?? undefined;
  });
  channel.on('error', (error: Error) => output.destroy(error));
  channel.stderr.on('data', (chunk: Buffer) => {
    if (text.length < complaintBytesMax) text += chunk.toString('utf8').slice(0, complaintBytesMax);
  });
  const closed = new Promise<void>((resolve) => {
    channel.once('close', () => {
      output.end();
      onClose();
      resolve();
    });
  });
  return {
    output,
    send: (bytes) => void channel.write(bytes),
    end: () => channel.end(),
    async lastWords(signal) {
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      if (!signal.aborted) await Promise.race([closed, aborted]);
      return { code, text };
    },
    abandon(reason) {
      output.destroy(reason instanceof Error ? reason : undefined);
      channel.unpipe(output);
      channel.resume();
      channel.close();
    },
  };
}
