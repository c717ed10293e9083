import type { Buffer } from 'node:buffer';
import type { Advertisement } from './advertisement.ts';
import type { Packet } from './pkt-line.ts';

/** Which protocol is spoken: v2 by us, v0 only for the depth-1 rung, whose library speaks no other. */
export type ProtocolVersion = 'v2' | 'v0';

/** `git-upload-pack` of one repository, whatever carries it. */
export interface PackService {
  /** Asks what the server offers. A server without v2 answers with v0. */
  advertise(version: ProtocolVersion, signal: AbortSignal): Promise<Advertisement>;
  /** Sends one request; the packets of the answer as they come. */
  uploadPack(version: ProtocolVersion, body: Buffer, signal: AbortSignal): AsyncIterable<Packet>;
}
