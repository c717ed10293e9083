import { limits } from '@flotilla/shared/base';
import { agentFrameToBytes, describeCodecError, hubFrameFromBytes } from '@flotilla/shared/codec';
import { AsyncQueue, gzip } from '@flotilla/shared/kit';
import type { AgentFrame, HubFrame } from '@flotilla/shared/model';
import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import type { HubStream } from '../../ports.ts';
import { fromServiceError, HubLinkError } from './hub-link-error.ts';

/** One Connect call, bytes in and out. */
export type ConnectCall = ClientDuplexStream<Buffer, Buffer>;

/** Frames read ahead of the machine: a hub has one delta in flight and a heartbeat now and then. */
const readAheadMax = 16;
/** After we ended our half, the hub has so long to end its own. */
const farewellMs = 2_000;

/** One Connect call as the port that the session loop knows; closes its channel with it. */
export function hubStreamOf(call: ConnectCall, client: Client): HubStream {
  const queue = new AsyncQueue<HubFrame>(() => call.resume());
  let isOver = false;

  function over(error?: Error): void {
    isOver = true;
    queue.end(error);
    client.close();
  }

  call.on('data', (bytes: Buffer) => {
    const frame = hubFrameFromBytes(bytes);
    if (!frame.ok) {
      call.pause();
      over(
        new HubLinkError(`the hub sent what is no frame: ${describeCodecError(frame.error)}`, {
          code: 'FRAME_UNDECODABLE',
          retry: 'backoff',
        }),
      );
      call.cancel();
      return;
    }
    if (frame.value !== undefined) queue.push(frame.value);
    if (queue.size >= readAheadMax) call.pause();
  });
  call.on('error', (error: Error) => over(fromServiceError('the stream to the hub ended', error)));
  call.on('end', () => over());

  return {
    frames: queue,
    async send(frame, signal) {
      signal.throwIfAborted();
      if (isOver) throw gone();
      if (!call.write(bytesOf(frame))) await room(call, signal);
    },
    close() {
      if (isOver) return;
      isOver = true;
      queue.end();
      call.end();
      const timer = setTimeout(() => call.cancel(), farewellMs);
      call.once('status', () => {
        clearTimeout(timer);
        client.close();
      });
      // Reads on, so that the hub's end is seen.
      call.resume();
    },
  };
}

function bytesOf(frame: AgentFrame): Buffer {
  const bytes = agentFrameToBytes(frame, gzip);
  if (bytes.length > limits.frameBytesMax) {
    throw new HubLinkError(`${frame.kind} of ${bytes.length} bytes is larger than a frame`, {
      code: 'FRAME_TOO_LARGE',
      retry: 'never',
    });
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Waits until the transport takes more; rejects when the stream is over or the wait is called off. */
function room(call: ConnectCall, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      call.off('drain', onDrain);
      call.off('status', onStatus);
      signal.removeEventListener('abort', onAbort);
    };
    const onDrain = (): void => {
      leave();
      resolve();
    };
    const onStatus = (): void => {
      leave();
      reject(gone());
    };
    const onAbort = (): void => {
      leave();
      reject(signal.reason);
    };
    call.on('drain', onDrain);
    call.on('status', onStatus);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function gone(): HubLinkError {
  return new HubLinkError('the stream to the hub is over', { code: 'STREAM_OVER', retry: 'backoff' });
}
