import { AgentStreamError } from '@flotilla/hub/io/grpc';
import type { AgentListener, AgentStream } from '@flotilla/hub/ports';
import { type ClusterUid, limits } from '@flotilla/shared/base';
import { hubFrameToBytes } from '@flotilla/shared/codec';
import { AsyncQueue } from '@flotilla/shared/kit';
import type { AgentFrame, HubFrame } from '@flotilla/shared/model';
import { MemoryEnd } from './memory-end.ts';

/** One agent's stream at the hub without a network. */
export class MemoryAgentStream extends MemoryEnd<AgentFrame, HubFrame> implements AgentStream {
  readonly peer: ClusterUid;
  readonly remoteAddress = 'memory';

  constructor(peer: ClusterUid) {
    super({ checkSize, gone: () => failure('STREAM_BROKEN'), broken: () => failure('STREAM_BROKEN') });
    this.peer = peer;
  }

  /** The agent sent what is no frame. */
  hearRubbish(): void {
    this.frames.end(failure('FRAME_UNDECODABLE'));
  }

  kinds(): readonly string[] {
    return this.sent.map((frame) => frame.kind);
  }
}

/** A listener to which a test brings the streams. */
export class MemoryAgentListener implements AgentListener {
  readonly streams = new AsyncQueue<AgentStream>();

  connect(stream: AgentStream): void {
    this.streams.push(stream);
  }

  close(): void {
    this.streams.end();
  }
}

function failure(code: 'FRAME_UNDECODABLE' | 'STREAM_BROKEN'): AgentStreamError {
  const retry = code === 'STREAM_BROKEN' ? 'backoff' : 'never';
  return new AgentStreamError('the stream broke, is over, or brought what is no frame', { code, retry });
}

function checkSize(frame: HubFrame): void {
  const { length } = hubFrameToBytes(frame);
  if (length <= limits.frameBytesMax) return;
  const code = 'FRAME_TOO_LARGE';
  throw new AgentStreamError(`${frame.kind} of ${length} bytes is larger than a frame`, {
    code,
    retry: 'never',
  });
}
