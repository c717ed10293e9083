import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { describeError } from '@flotilla/shared/base';
import { NotHere, ToolError } from './tool-error.ts';

/** Bounds of one download. */
export interface DownloadLimits {
  /** Time to the first answer: a machine without internet must not wait long for each file. */
  readonly answerMs: number;
  /** Longest pause between two pieces of the body. */
  readonly stallMs: number;
  readonly bytesMax: number;
}

/** Generous for slow lines, short for no line; the largest program is about 110 MB. */
export const downloadLimits: DownloadLimits = { answerMs: 5_000, stallMs: 30_000, bytesMax: 500_000_000 };

const checksumFileBytesMax = 1_000_000;

/** Opens a URL; NotHere when it does not answer in time or not with 200. */
async function openUrl(url: string, limits: DownloadLimits, signal: AbortSignal): Promise<Response> {
  const answered = new AbortController();
  const timer = setTimeout(
    () => answered.abort(new Error(`no answer in ${limits.answerMs} ms`)),
    limits.answerMs,
  );
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, answered.signal]) });
    if (response.status === 200) return response;
    await response.body?.cancel();
    throw new NotHere(`${url} answered ${response.status}`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotHere) throw error;
    throw new NotHere(`${new URL(url).host} cannot be reached (${describeError(error)})`);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a small text file; NotHere when it cannot be had or is larger than any checksum file. */
export async function readUrl(url: string, limits: DownloadLimits, signal: AbortSignal): Promise<string> {
  const response = await openUrl(url, limits, signal);
  const pieces: Buffer[] = [];
  let bytes = 0;
  const body = bodyOf(response, url);
  try {
    await pipeline(
      body,
      stallGuard(limits),
      async (source: AsyncIterable<Buffer>) => {
        for await (const piece of source) {
          bytes += piece.length;
          if (bytes > checksumFileBytesMax) throw new Error('it is too large for a checksum file');
          pieces.push(piece);
        }
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw new NotHere(`${url} could not be read (${describeError(error)})`);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Downloads a URL into a file. NotHere before the first byte; a download that breaks off later is a
 * ToolError, because passing it over in silence would start a long build on a line that only hiccuped.
 */
export async function downloadFile(
  url: string,
  path: string,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<void> {
  const response = await openUrl(url, limits, signal);
  const promised = Number(response.headers.get('content-length') ?? Number.NaN);
  let bytes = 0;
  const counter = new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      bytes += piece.length;
      done(bytes > limits.bytesMax ? new Error(`more than ${limits.bytesMax} bytes`) : null, piece);
    },
  });
  try {
    await pipeline(bodyOf(response, url), stallGuard(limits), counter, createWriteStream(path), { signal });
  } catch (error) {
    signal.throwIfAborted();
    const total = Number.isNaN(promised) ? '' : ` of ${promised}`;
    throw new ToolError(
      `the download of ${url} broke off after ${bytes}${total} bytes (${describeError(error)}): run it again`,
      error,
    );
  }
}

function bodyOf(response: Response, url: string): Readable {
  if (response.body === null) throw new NotHere(`${url} answered without a body`);
  // The DOM's and Node's declarations of the same stream differ only in name.
  return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
}

/** Passes everything on and fails when nothing came for `stallMs`. */
function stallGuard(limits: DownloadLimits): Transform {
  let timer: NodeJS.Timeout;
  const guard = new Transform({
    transform: (piece, _encoding, done) => {
      timer.refresh();
      done(null, piece);
    },
  });
  timer = setTimeout(() => guard.destroy(new Error(`nothing came for ${limits.stallMs} ms`)), limits.stallMs);
  guard.once('close', () => clearTimeout(timer));
  return guard;
}
