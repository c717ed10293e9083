import { type ClusterUid, FlotillaError, limits } from '@flotilla/shared/base';
import { agentFrameFromBytes, describeCodecError, hubFrameToBytes } from '@flotilla/shared/codec';
import { AsyncQueue, gzip } from '@flotilla/shared/kit';
import type { AgentFrame, HubFrame, RefusalCode } from '@flotilla/shared/model';
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { AgentStream } from '../../ports.ts';
import { statusOfStream } from './refusal-status.ts';

/** An agent's stream broke, or sent what is no frame (code FRAME_UNDECODABLE). */
export class AgentStreamError extends FlotillaError {
  override readonly name = 'AgentStreamError';
}

/** Frames read ahead of the machine: an agent sends a handful a minute, a flood is left in its own socket. */
const readAheadMax = 16;

type Call = ServerDuplexStream<Buffer, Buffer>;

/** One call of Connect as the port that the session loop knows. */
export function agentStreamOf(call: Call, peer: ClusterUid): AgentStream {
  const queue = new AsyncQueue<AgentFrame>(() => call.resume());
  let refusal: RefusalCode | undefined;
  let isOver = false;

  function over(error?: Error): void {
    isOver = true;
    queue.end(error);
  }

  call.on('data', (bytes: Buffer) => {
    const frame = agentFrameFromBytes(bytes, gzip);
    if (!frame.ok) {
      call.pause();
      queue.end(undecodable(describeCodecError(frame.error)));
      return;
    }
    if (frame.value !== undefined) queue.push(frame.value);
    if (queue.size >= readAheadMax) call.pause();
  });
  call.on('end', () => queue.end());
  call.on('cancelled', () => over(broken('the agent or the network ended the stream')));
  call.on('error', (error: Error) => over(broken(error.message)));
  call.on('close', () => over());
  // Headers now, so that the agent's transport knows at once that it was let in.
  call.sendMetadata(call.metadata.clone());

  return {
    peer,
    remoteAddress: call.getPeer(),
    frames: queue,
    async send(frame, signal) {
      signal.throwIfAborted();
      if (frame.kind === 'refused') refusal = frame.code;
      if (isOver) throw broken('the stream is over');
      if (!call.write(bytesOf(frame))) await room(call, signal);
    },
    close() {
      if (isOver) return;
      isOver = true;
      queue.end();
      if (refusal === undefined) call.end();
      // grpc-js ends a call with a status by this event; what was written before is sent first.
      else call.emit('error', { code: statusOfStream(refusal), details: refusal });
    },
  };
}

function bytesOf(frame: HubFrame): Buffer {
  const bytes = hubFrameToBytes(frame);
  if (bytes.length > limits.frameBytesMax) {
    throw new AgentStreamError(`${frame.kind} of ${bytes.length} bytes is larger than a frame`, {
      code: 'FRAME_TOO_LARGE',
      retry: 'never',
    });
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Waits until the transport takes more; rejects when the stream is over or the wait is called off. */
function room(call: Call, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      call.off('drain', onDrain);
      call.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const onDrain = (): void => {
      leave();
      resolve();
    };
    const onClose = (): void => {
      leave();
      reject(broken('the stream ended while sending'));
    };
    const onAbort = (): void => {
      leave();
      reject(signal.reason);
    };
    call.on('drain', onDrain);
    call.on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function undecodable(text: string): AgentStreamError {
  return new AgentStreamError(text, { code: 'FRAME_UNDECODABLE', retry: 'never' });
}

function broken(text: string): AgentStreamError {
  return new AgentStreamError(text, { code: 'STREAM_BROKEN', retry: 'backoff' });
}

/** Refuses a call whose certificate names no cluster of this fleet. */
export function refuseStranger(call: Call, text: string): void {
  call.emit('error', { code: status.UNAUTHENTICATED, details: text });
}
