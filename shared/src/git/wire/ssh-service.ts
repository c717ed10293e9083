import type { Buffer } from 'node:buffer';
import type { SshUrl } from '../../model/index.ts';
import { GitError, type GitErrorCode } from '../git-error.ts';
import { type Advertisement, parseAdvertisement } from './advertisement.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { PackService, ProtocolVersion } from './pack-service.ts';
import { packetsToFlush, readPackets } from './packet-stream.ts';
import { flushPacket, type Packet } from './pkt-line.ts';
import type { GitTimeouts } from './remote-settings.ts';
import { remoteText } from './remote-text.ts';
import type { SshCommand, SshConnection } from './ssh-connection.ts';

/** What it is made from. */
export interface SshServiceOptions {
  readonly connection: SshConnection;
  readonly url: SshUrl;
  readonly shownUrl: string;
  readonly timeouts: GitTimeouts;
  /** Counts commands. */
  onRequest(): void;
}

/** One run of `git-upload-pack` that has said what it offers and waits for a request. */
interface Run extends Disposable {
  readonly command: SshCommand;
  readonly deadline: Deadline;
  readonly offer: readonly Packet[];
  readonly packets: AsyncIterator<Packet>;
}

/**
 * `git-upload-pack` over SSH (gitprotocol-pack, SSH transport), a run for each request: the server says what it offers, takes
 * one request and ends. The wish for protocol v2 goes in GIT_PROTOCOL, which a server may ignore (sshd: `AcceptEnv`); then it
 * speaks v0.
 */
export function sshService(options: SshServiceOptions): PackService {
  const { shownUrl } = options;
  return {
    async advertise(version, signal) {
      using run = await start(options, version, signal);
      return offered(run.offer, shownUrl);
    },
    async *uploadPack(version, body, signal) {
      using run = await start(options, version, signal);
      checkVersion(version, offered(run.offer, shownUrl), shownUrl);
      run.command.send(body);
      // In v2 the server waits for another command until it is told that there is none.
      if (version === 'v2') run.command.send(flushPacket);
      run.command.end();
      yield* rest(run, shownUrl);
    },
  };
}

async function start(
  options: SshServiceOptions,
  version: ProtocolVersion,
  signal: AbortSignal,
): Promise<Run> {
  const { shownUrl } = options;
  signal.throwIfAborted();
  options.onRequest();
  const deadline = startDeadline(shownUrl, options.timeouts, signal);
  let command: SshCommand | undefined;
  try {
    const env: Record<string, string> = version === 'v2' ? { GIT_PROTOCOL: 'version=2' } : {};
    const running = options.connection.run(`git-upload-pack ${quoted(options.url.path)}`, env);
    command = await orAbandon(running, deadline.signal);
    const packets = readPackets(watched(command, deadline), shownUrl);
    const offer = await packetsToFlush(packets, shownUrl);
    if (offer.at(-1)?.kind !== 'flush')
      throw await endedEarly({ command, deadline }, offer.length > 0, shownUrl);
    return { command, deadline, offer, packets, [Symbol.dispose]: () => stop(command, deadline) };
  } catch (caught) {
    stop(command, deadline);
    throw deadline.signal.aborted ? deadline.signal.reason : caught;
  }
}

/** The command, unless the deadline passes first; one that starts too late is given up at once. */
async function orAbandon(running: Promise<SshCommand>, signal: AbortSignal): Promise<SshCommand> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(signal.reason);
    running.then(
      (late) => late.abandon(signal.reason),
      () => {},
    );
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function stop(command: SshCommand | undefined, deadline: Deadline): void {
  command?.abandon(undefined);
  deadline[Symbol.dispose]();
}

/** What the command writes, under the deadline. */
async function* watched(command: SshCommand, deadline: Deadline): AsyncGenerator<Buffer> {
  const onAbort = () => command.abandon(deadline.signal.reason);
  if (deadline.signal.aborted) onAbort();
  deadline.signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of command.output) {
      deadline.pause();
      yield chunk;
      deadline.touch();
    }
    if (deadline.signal.aborted) throw deadline.signal.reason;
  } finally {
    deadline.signal.removeEventListener('abort', onAbort);
  }
}

async function* rest(run: Run, shownUrl: string): AsyncGenerator<Packet> {
  let isAnswered = false;
  for (;;) {
    const next = await run.packets.next();
    if (next.done === true) break;
    isAnswered = true;
    yield next.value;
  }
  if (!isAnswered) throw await endedEarly(run, true, shownUrl);
}

function offered(offer: readonly Packet[], shownUrl: string): Advertisement {
  const parsed = parseAdvertisement(offer);
  if (!parsed.ok) throw new GitError(parsed.error.code, `${shownUrl}: ${parsed.error.text}`);
  return parsed.value;
}

/** A request in another protocol than the server speaks would be answered with nonsense. */
function checkVersion(wanted: ProtocolVersion, { protocol }: Advertisement, shownUrl: string): void {
  if (protocol === wanted) return;
  const text = `the server of ${shownUrl} spoke ${wanted} a moment ago, and now ${protocol}`;
  throw new GitError('GIT_PROTOCOL_ERROR', text);
}

/** The protocol has no codes for what a hosting service says before it ends a command: these are the words of the large ones. */
const refusals: readonly (readonly [RegExp, GitErrorCode])[] = [
  [/not found|does not exist|does not appear to be a git repository|no such/i, 'GIT_NOT_FOUND'],
  [/denied|permission|forbidden|not allowed|not authori[sz]ed/i, 'GIT_FORBIDDEN'],
];

async function endedEarly(
  { command, deadline }: Pick<Run, 'command' | 'deadline'>,
  hasBegun: boolean,
  shownUrl: string,
): Promise<GitError> {
  const { code, text } = await command.lastWords(deadline.signal);
  if (code === undefined) {
    return new GitError(
      'GIT_TRUNCATED_ANSWER',
      `the server of ${shownUrl} closed the connection within its answer`,
    );
  }
  const said =
    text.trim() === '' ? `ended with code ${code} and no word` : `says: ${remoteText(text.trim())}`;
  const known = refusals.find(([words]) => words.test(text))?.[1];
  return new GitError(
    known ?? (hasBegun ? 'GIT_TRUNCATED_ANSWER' : 'GIT_REMOTE_ERROR'),
    `the server of ${shownUrl} ${said}`,
  );
}

/** One word of a POSIX shell, as git quotes it. */
function quoted(path: string): string {
  return `'${path.replaceAll(/['!]/g, (character) => `'\\${character}'`)}'`;
}
