import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isolatedEnvironment } from './isolated-git.ts';

/** One request as `git http-backend` takes it (RFC 3875). */
export interface CgiRequest {
  /** Folder that holds the bare repositories. */
  readonly root: string;
  readonly method: string;
  /** Below the root: `/shop.git/info/refs`. */
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Passed on as GIT_PROTOCOL; empty for none. */
  readonly protocol: string;
  /** Settings for this request alone, beside those of the repository. */
  readonly config: Readonly<Record<string, string>>;
}

/** What the backend answers. */
export interface CgiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** Runs `git http-backend` for one request. Hooks of the repository run as they would anywhere. */
export async function runBackend(request: CgiRequest): Promise<CgiAnswer> {
  const child = spawn('git', ['http-backend'], {
    env: isolatedEnvironment(cgiVariables(request)),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A backend that cannot be started, or closes its input early, shows by its missing output.
  child.on('error', () => child.stdout.destroy());
  child.stdin.on('error', () => {});
  child.stdin.end(request.body);
  const body = new PassThrough();
  // A backend that dies ends its output; whoever reads sees a short answer, as with any CGI server.
  body.on('close', () => child.kill());
  const head = await readHead(child.stdout, body);
  const headers = parseHead(head);
  const status = Number(/^[0-9]{3}/.exec(headers['status'] ?? '')?.[0] ?? 200);
  const { status: _status, ...rest } = headers;
  return { status, headers: rest, body };
}

/** Sends an answer on as it comes. */
export async function sendAnswer(answer: CgiAnswer, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  await pipeline(answer.body, response);
}

function cgiVariables(request: CgiRequest): Record<string, string> {
  const config = Object.entries(request.config);
  const settings = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    GIT_PROJECT_ROOT: request.root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: request.method,
    PATH_INFO: request.path,
    QUERY_STRING: request.query,
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: String(request.body.length),
    HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
    ...(request.protocol === '' ? {} : { GIT_PROTOCOL: request.protocol }),
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(settings),
  };
}

/** Reads up to the empty line; everything after it goes to `body`. */
async function readHead(output: Readable, body: PassThrough): Promise<string> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end >= 0) {
      body.write(bytes.subarray(end + 4));
      output.pipe(body);
      return bytes.toString('latin1', 0, end);
    }
    const chunk = await nextChunk(output);
    if (chunk === undefined) {
      body.end();
      return 'Status: 500 Internal Server Error';
    }
    bytes = Buffer.concat([bytes, chunk]);
  }
}

async function nextChunk(output: Readable): Promise<Buffer | undefined> {
  for (;;) {
    const chunk: Buffer | null = output.read();
    if (chunk !== null) return chunk;
    if (output.readableEnded || output.destroyed) return undefined;
    await new Promise<void>((resolve) => {
      for (const event of ['readable', 'end', 'close']) output.once(event, resolve);
    });
  }
}

function parseHead(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}
