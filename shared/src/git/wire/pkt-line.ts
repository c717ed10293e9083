/**
 * The pkt-line format (gitprotocol-common): four hex digits of length, themselves included, then the payload;
 * `0000`, `0001` and `0002` are flush, delimiter and response end. Pure.
 */
export type Packet =
  | { readonly kind: 'data'; readonly payload: Buffer }
  | { readonly kind: 'flush' }
  | { readonly kind: 'delimiter' }
  | { readonly kind: 'response-end' };

/** Longest packet that the protocol allows, length digits included. */
export const packetBytesMax = 65_520;

/** The flush packet, written. */
export const flushPacket = Buffer.from('0000');
/** The delimiter packet, written. */
export const delimiterPacket = Buffer.from('0001');

/** Writes one data packet. A text gets its line feed here. Asserts nothing: callers send only short lines. */
export function encodePacket(payload: string | Buffer): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(`${payload}\n`) : payload;
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, '0')), body]);
}

/** Why bytes are not pkt-lines. */
export type PacketFault = 'truncated' | 'not-pkt-line';

/** Splits a stream of bytes, cut anywhere, into packets. */
export interface PacketDecoder {
  /** Packets completed by this chunk. After a fault nothing more is decoded. */
  push(chunk: Buffer): readonly Packet[];
  /** Set once bytes were seen that cannot be a packet's length. */
  fault(): 'not-pkt-line' | undefined;
  /** At the end of the stream: `truncated` when a packet is incomplete. */
  end(): PacketFault | undefined;
}

/** A decoder at the start of a stream; holds at most one incomplete packet. */
export function packetDecoder(): PacketDecoder {
  let rest: Buffer = Buffer.alloc(0);
  let isFaulty = false;
  return {
    push(chunk) {
      if (isFaulty) return [];
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const packets: Packet[] = [];
      let at = 0;
      while (at + 4 <= bytes.length) {
        const length = readLength(bytes, at);
        if (length === undefined) {
          isFaulty = true;
          break;
        }
        if (length >= 4 && at + length > bytes.length) break;
        packets.push(packetOf(bytes, at, length));
        at += Math.max(4, length);
      }
      rest = bytes.subarray(at);
      return packets;
    },
    fault: () => (isFaulty ? 'not-pkt-line' : undefined),
    end() {
      if (isFaulty) return 'not-pkt-line';
      return rest.length > 0 ? 'truncated' : undefined;
    },
  };
}

/** The text of a data packet without its line feed; undefined for the other kinds. */
export function packetText(packet: Packet): string | undefined {
  if (packet.kind !== 'data') return undefined;
  const end = packet.payload.at(-1) === 0x0a ? packet.payload.length - 1 : packet.payload.length;
  return packet.payload.toString('utf8', 0, end);
}

function packetOf(bytes: Buffer, at: number, length: number): Packet {
  if (length === 0) return { kind: 'flush' };
  if (length === 1) return { kind: 'delimiter' };
  if (length === 2) return { kind: 'response-end' };
  return { kind: 'data', payload: bytes.subarray(at + 4, at + length) };
}

/** The length that four bytes spell, or undefined when they spell none that the format allows. */
function readLength(bytes: Buffer, at: number): number | undefined {
  const digits = bytes.toString('latin1', at, at + 4);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
  const length = Number.parseInt(digits, 16);
  return length === 3 || length > packetBytesMax ? undefined : length;
}
