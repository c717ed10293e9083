import { describe, expect, it } from 'vitest';
import { encodePacket, flushPacket, packetDecoder, packetText } from './pkt-line.ts';

describe('encodePacket', () => {
  it('counts its own four digits and ends a text with a line feed', () => {
    expect(encodePacket('done').toString()).toBe('0009done\n');
  });

  it('leaves bytes as they are', () => {
    expect(encodePacket(Buffer.of(1, 0, 255))).toEqual(Buffer.from('0007\x01\x00\xff', 'latin1'));
  });
});

describe('packetDecoder', () => {
  it('tells the three special packets from data', () => {
    const kinds = packetDecoder()
      .push(Buffer.from('0009done\n000100020000'))
      .map(({ kind }) => kind);

    expect(kinds).toEqual(['data', 'delimiter', 'response-end', 'flush']);
  });

  it('takes an empty data packet, which is no flush', () => {
    expect(packetDecoder().push(Buffer.from('0004'))).toEqual([{ kind: 'data', payload: Buffer.alloc(0) }]);
  });

  it.each(['zzzz', '0003', 'fff1', 'ffff', '<!do', '-001'])('refuses %j as a length', (text) => {
    const decoder = packetDecoder();

    expect(decoder.push(Buffer.from(`${text}0000`))).toEqual([]);
    expect(decoder.fault()).toBe('not-pkt-line');
    expect(decoder.end()).toBe('not-pkt-line');
    expect(decoder.push(flushPacket)).toEqual([]);
  });

  it.each(['0', '00', '0009don', '0009'])('calls a stream that ends with %j truncated', (text) => {
    const decoder = packetDecoder();
    decoder.push(Buffer.from(`0000${text}`));

    expect(decoder.fault()).toBeUndefined();
    expect(decoder.end()).toBe('truncated');
  });
});

describe('packetText', () => {
  it('drops one line feed at the end and no other', () => {
    const [packet] = packetDecoder().push(Buffer.from('0007a\n\n'));

    expect(packet && packetText(packet)).toBe('a\n');
  });

  it('is undefined for a flush', () => {
    expect(packetText({ kind: 'flush' })).toBeUndefined();
  });
});
