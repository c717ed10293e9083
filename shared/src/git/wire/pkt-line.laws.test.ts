import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delimiterPacket, encodePacket, flushPacket, type Packet, packetDecoder } from './pkt-line.ts';

const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .uint8Array({ maxLength: 300 })
    .map((payload): Packet => ({ kind: 'data', payload: Buffer.from(payload) })),
  fc.constant<Packet>({ kind: 'flush' }),
  fc.constant<Packet>({ kind: 'delimiter' }),
);

function encode(packets: readonly Packet[]): Buffer {
  const parts = packets.map((one) => {
    if (one.kind === 'data') return encodePacket(one.payload);
    return one.kind === 'flush' ? flushPacket : delimiterPacket;
  });
  return Buffer.concat(parts);
}

/** Cuts bytes at any places, as a network does. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('laws of pkt-lines', () => {
  it('what was encoded is decoded, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(packet), fc.array(fc.nat()), (packets, places) => {
        const decoder = packetDecoder();
        const decoded = cut(encode(packets), places).flatMap((chunk) => decoder.push(chunk));

        expect(decoded).toEqual(packets);
        expect(decoder.end()).toBeUndefined();
      }),
    );
  });

  it('a stream cut off within a packet is always noticed, and yields only whole packets', () => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1 }), fc.nat(), (packets, place) => {
        const bytes = encode(packets);
        const kept = bytes.subarray(0, place % bytes.length);
        const decoder = packetDecoder();
        const decoded = decoder.push(kept);

        expect(decoded).toEqual(packets.slice(0, decoded.length));
        expect(encode(decoded).length === kept.length).toBe(decoder.end() === undefined);
      }),
    );
  });

  it('any bytes at all are decoded without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const decoder = packetDecoder();
        for (const chunk of chunks) decoder.push(Buffer.from(chunk));
        decoder.end();
      }),
    );
  });
});
