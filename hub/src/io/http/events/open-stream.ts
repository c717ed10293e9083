import { limits } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import { ApiError } from '../api-error.ts';
import type { WebReply } from '../web-server.ts';
import type { Interest } from './frames.ts';
import { type ReaderDeps, type ReaderSink, serveReader } from './reader.ts';

/** What a reader asked for. */
export interface StreamWish {
  readonly interest: Interest;
  readonly since: string | undefined;
}

/** The open event streams of one server. */
export interface EventStreams {
  /** Open now. */
  readonly count: number;
  /** Times that a reader fell behind. */
  readonly lagged: number;
  /** Takes over a reply and serves it until the reader leaves or the hub closes. Throws ApiError when too many are open. */
  open(reply: WebReply, wish: StreamWish): void;
}

/** A reader that takes nothing for so long is dropped. */
const stalledMs = 60_000;

/** Serves event streams until `closing`. */
export function eventStreams(deps: Omit<ReaderDeps, 'onLag'>, closing: AbortSignal): EventStreams {
  let open = 0;
  let lagged = 0;
  const serving: ReaderDeps = {
    ...deps,
    onLag: () => {
      lagged += 1;
    },
  };

  async function serve(reply: WebReply, wish: StreamWish): Promise<void> {
    const gone = new AbortController();
    const { raw } = reply;
    raw.once('close', () => gone.abort());
    // A connection that breaks while we write ends the stream by its close event.
    raw.on('error', () => gone.abort());
    const signal = AbortSignal.any([closing, gone.signal]);
    try {
      await serveReader(serving, { ...wish, sink: sinkOf(reply, deps) }, signal);
    } catch {
      // The reader left, stalled, or the hub closes: all three end the stream, and none is a failure of the hub.
    } finally {
      open -= 1;
      if (gone.signal.aborted) raw.destroy();
      else
        raw.end('event: closing\ndata: {"text":"the hub closes this stream: connect again and resume"}\n\n');
    }
  }

  return {
    get count() {
      return open;
    },
    get lagged() {
      return lagged;
    },
    open(reply, wish) {
      if (open >= limits.sseReadersMax) throw tooManyReaders();
      open += 1;
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      reply.raw.flushHeaders();
      void serve(reply, wish);
    },
  };
}

function tooManyReaders(): ApiError {
  return new ApiError(503, {
    code: problemCodes.tooManyReaders,
    text: `${limits.sseReadersMax} event streams are open already`,
    cause: 'each viewer costs the hub memory and work, so their number is bounded',
    stillTrue: 'lists and actions work as before',
    next: 'close a console or a -w, and try again',
  });
}

/** Writes to the socket and waits until it has drained. */
function sinkOf({ raw }: WebReply, { clock }: Pick<ReaderDeps, 'clock'>): ReaderSink {
  return {
    async write(text, signal) {
      signal.throwIfAborted();
      if (raw.write(text)) return;
      const drained = new AbortController();
      const either = AbortSignal.any([signal, drained.signal]);
      const onDrain = (): void => drained.abort();
      raw.once('drain', onDrain);
      try {
        await clock.sleep(stalledMs, either);
        raw.destroy();
        throw new Error('the reader takes nothing any more');
      } catch (error) {
        if (!drained.signal.aborted || signal.aborted) throw error;
      } finally {
        raw.off('drain', onDrain);
      }
    },
  };
}
