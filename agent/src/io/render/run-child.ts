import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join, sep } from 'node:path';
import { limits } from '@flotilla/shared/base';
import { RenderError } from './render-error.ts';

/** One run of a render program. */
export interface ChildRun {
  /** For messages: `kustomize`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Its working folder, which is also its home and temporary folder. */
  readonly folder: string;
  /** Most bytes of standard output. */
  readonly outputBytesMax: number;
  /** Longest run. Default limits.renderMs. */
  readonly timeMs?: number;
  /** Path of prlimit, from findLimiter(); undefined = only the soft memory bound. */
  readonly limiter: string | undefined;
}

/** Last bytes of standard error kept for the message. */
const errorBytesMax = 8_192;

/**
 * Runs a program without a shell, in a bare environment: no PATH, a home of its own, proxies that point at a closed
 * port, a soft memory bound by GOMEMLIMIT and a hard one by prlimit where it exists. Resolves to its standard output.
 *
 * The proxies keep it from every host but this machine's own: Go's HTTP client never uses a proxy for loopback addresses
 * (golang.org/x/net/http/httpproxy), so whatever listens there is guarded by scanKustomize alone. A network namespace
 * would guard it too, but one may be made only by root or where unprivileged user namespaces are allowed, which
 * containers and hardened hosts do not.
 */
export async function runChild(run: ChildRun, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(run.timeMs ?? limits.renderMs);
  const stop = AbortSignal.any([signal, timeout]);
  const [program, args] =
    run.limiter === undefined
      ? [run.program, run.args]
      : [run.limiter, [`--data=${limits.renderMemoryBytesMax}`, '--core=0', '--', run.program, ...run.args]];
  const child = spawn(program, args, {
    cwd: run.folder,
    env: bareEnvironment(run.folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  try {
    const output = collect(child.stdout, run.outputBytesMax, kill);
    const errors = collectTail(child.stderr);
    const end = await new Promise<{ code: number | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code }));
    });
    signal.throwIfAborted();
    if (timeout.aborted) throw refused(run, `took longer than ${(run.timeMs ?? limits.renderMs) / 1_000} s`);
    if (output.isTooLong()) throw refused(run, `wrote more than ${run.outputBytesMax} bytes`);
    if (end.code !== 0) throw refused(run, errors() || `ended with ${end.code ?? 'a signal'}`);
    return output.text();
  } catch (error) {
    if (error instanceof RenderError || signal.aborted) throw error;
    throw new RenderError(`cannot run ${run.name}`, { code: 'RENDER_CHILD', retry: 'backoff', cause: error });
  } finally {
    stop.removeEventListener('abort', kill);
  }
}

/** A closed port of this machine: whatever a child tries to fetch from another one fails at once. */
const closedProxy = 'http://127.0.0.1:9';

function bareEnvironment(folder: string): { readonly [name: string]: string } {
  return {
    HOME: folder,
    TMPDIR: folder,
    PATH: '',
    HTTP_PROXY: closedProxy,
    HTTPS_PROXY: closedProxy,
    http_proxy: closedProxy,
    https_proxy: closedProxy,
    NO_PROXY: '',
    // Collect garbage harder before the hard bound ends the child.
    GOMEMLIMIT: String(Math.floor(limits.renderMemoryBytesMax * 0.85)),
    GOMAXPROCS: '1',
  };
}

/** Path of util-linux' prlimit, which bounds the data segment of what it starts; undefined where there is none. */
export async function findLimiter(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  return (await findProgram('/usr/bin/prlimit')) ?? (await findProgram('prlimit'));
}

/** The path of a program given by path, or by a bare name that is looked for on PATH; undefined = not there. */
export async function findProgram(program: string): Promise<string | undefined> {
  const isBare = !program.includes(sep);
  const folders = isBare ? (process.env['PATH'] ?? '').split(delimiter) : [''];
  for (const folder of folders.filter((one) => one !== '' || !isBare)) {
    const path = isBare ? join(folder, program) : program;
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/** Whether a file is there and may be run. */
async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function refused(run: ChildRun, text: string): RenderError {
  return new RenderError(`${run.name} ${text}`, { code: 'RENDER_REFUSED', retry: 'never' });
}

function collect(stream: NodeJS.ReadableStream, bytesMax: number, onTooLong: () => void) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
    else onTooLong();
  });
  return { text: () => Buffer.concat(chunks).toString('utf8'), isTooLong: () => bytes > bytesMax };
}

/** The end of what was written, as one line. */
function collectTail(stream: NodeJS.ReadableStream): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-errorBytesMax);
  });
  return () => {
    const text = tail
      .toString('utf8')
      .trim()
      .split('\n')
      .join(' ')
      .replace(/^Error: /, '');
    return text.length <= limits.reasonTextMax ? text : `…${text.slice(-limits.reasonTextMax)}`;
  };
}
