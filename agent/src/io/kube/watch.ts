import { describeError } from '@flotilla/shared/base';
import type { KubeRequestInfo, KubeSelection, KubeWatchEvent } from '../../kube-port.ts';
import { kubeErrorFrom, unreachableError } from '../../kube-status.ts';
import type { KubeTiming } from './config.ts';
import type { HttpClient } from './http.ts';
import { retryAfterOf } from './http.ts';
import { createLineSplitter } from './line-splitter.ts';
import { objectFrom } from './objects.ts';
import { acceptOf, selectionQuery, withQuery } from './paths.ts';
import { objectOf, parseObject, parseStatusBody, statusFrom, textOf } from './status-body.ts';

/** One watch to open. */
export interface WatchCall {
  readonly path: string;
  readonly selection: KubeSelection;
  readonly resourceVersion: string;
  readonly timing: KubeTiming;
  readonly attempted: string;
  readonly request: KubeRequestInfo;
}

/** Longest piece of an error answer that is read. */
const errorBodyBytesMax = 65_536;

/**
 * Opens a watch and yields its events. Ends when the server closes it, the connection breaks, or nothing came for
 * `watchIdleMs` (bookmarks come about every minute, so silence means a dead peer).
 */
export async function* watchEvents(
  http: HttpClient,
  call: WatchCall,
  signal: AbortSignal,
): AsyncGenerator<KubeWatchEvent> {
  const idle = createIdleTimer(call.timing.watchIdleMs);
  const both = AbortSignal.any([signal, idle.signal]);
  try {
    const response = await openWatch(http, call, both);
    const splitter = createLineSplitter();
    try {
      for await (const chunk of response) {
        idle.touch();
        // A response without encoding yields Buffers.
        for (const line of splitter.push(chunk as Buffer)) yield eventFrom(line, call);
      }
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (idle.signal.aborted || isConnectionLoss(error)) return;
    throw error;
  } finally {
    idle.stop();
  }
}

async function openWatch(http: HttpClient, call: WatchCall, signal: AbortSignal) {
  const seconds = Math.ceil((call.timing.watchMs * (0.8 + 0.4 * Math.random())) / 1_000);
  const path = withQuery(call.path, {
    ...selectionQuery(call.selection),
    watch: '1',
    resourceVersion: call.resourceVersion,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(seconds),
  });
  const response = await http
    .open({ method: 'GET', path, accept: acceptOf(call.selection.metadataOnly, 'object') }, signal)
    .catch((error: unknown) => {
      throw unreachableError(call.attempted, error, call.request);
    });
  if (response.statusCode === 200) return response;
  const text = await readStart(response);
  const answer = { status: response.statusCode ?? 0, text, retryAfterMs: retryAfterOf(response) };
  throw kubeErrorFrom(parseStatusBody(answer), call.attempted, call.request);
}

async function readStart(response: AsyncIterable<unknown> & { destroy(): unknown }): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > errorBodyBytesMax) break;
  }
  response.destroy();
  return text;
}

function eventFrom(line: string, call: WatchCall): KubeWatchEvent {
  const event = parseObject(line);
  const object = objectOf(event?.['object']);
  if (event === undefined || object === undefined)
    throw unreachableError(call.attempted, new Error('a line of the watch is not an event'), call.request);
  const type = textOf(event['type']);
  if (type === 'ERROR') throw kubeErrorFrom(statusFrom(object, 500), call.attempted, call.request);
  if (type === 'BOOKMARK')
    return { kind: 'bookmark', resourceVersion: textOf(objectOf(object['metadata'])?.['resourceVersion']) };
  const kind = eventKinds[type];
  if (kind === undefined)
    throw unreachableError(call.attempted, new Error(`unknown event type ${type}`), call.request);
  return { kind, object: objectFrom(object, call.selection.kind) };
}

const eventKinds: Readonly<Record<string, 'added' | 'modified' | 'deleted'>> = {
  ADDED: 'added',
  MODIFIED: 'modified',
  DELETED: 'deleted',
};

/** Errors of the socket after the watch was open: the caller watches again from the last version it saw. */
function isConnectionLoss(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const losses = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'];
  return losses.includes(String(code)) || describeError(error) === 'aborted';
}

function createIdleTimer(idleMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`silent for ${idleMs} ms`)), idleMs);
  return { signal: controller.signal, touch: () => timer.refresh(), stop: () => clearTimeout(timer) };
}
