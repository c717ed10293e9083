import type { Buffer } from 'node:buffer';
import { limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { type Packet, packetDecoder } from './pkt-line.ts';

/** Decodes what a server sends. Throws GIT_TRUNCATED_ANSWER and GIT_PROTOCOL_ERROR. */
export async function* readPackets(body: AsyncIterable<Buffer>, shownUrl: string): AsyncGenerator<Packet> {
  const decoder = packetDecoder();
  for await (const chunk of body) {
    yield* decoder.push(chunk);
    if (decoder.fault() !== undefined) break;
  }
  const fault = decoder.end();
  if (fault === 'truncated') {
    throw new GitError('GIT_TRUNCATED_ANSWER', `the answer of ${shownUrl} ends within a line`);
  }
  if (fault !== undefined) {
    throw new GitError('GIT_PROTOCOL_ERROR', `the answer of ${shownUrl} is not the git protocol`);
  }
}

/** All packets of a ref list or an offer, within `limits.refListBytesMax`. */
export async function allPackets(packets: AsyncIterable<Packet>, shownUrl: string): Promise<Packet[]> {
  const all: Packet[] = [];
  const bound = refListBound(shownUrl);
  for await (const packet of packets) {
    bound(packet);
    all.push(packet);
  }
  return all;
}

/** The packets up to the first flush, which is the last of them; the rest is left to be read. The same bound. */
export async function packetsToFlush(packets: AsyncIterator<Packet>, shownUrl: string): Promise<Packet[]> {
  const before: Packet[] = [];
  const bound = refListBound(shownUrl);
  for (;;) {
    const next = await packets.next();
    if (next.done === true) return before;
    bound(next.value);
    before.push(next.value);
    if (next.value.kind === 'flush') return before;
  }
}

function refListBound(shownUrl: string): (packet: Packet) => void {
  let bytes = 0;
  return (packet) => {
    bytes += packet.kind === 'data' ? packet.payload.length : 4;
    if (bytes <= limits.refListBytesMax) return;
    const text = `the ref list of ${shownUrl} exceeds ${limits.refListBytesMax} bytes`;
    throw new GitError('GIT_TOO_LARGE', text);
  };
}
