import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sse-parser.ts';

const stream =
  'event: snapshot\ndata: {"a":1}\n\n: still here\n\nevent: delta\nid: p.4\ndata: {"b":2}\ndata: more\n\nevent: cut';

describe('an event stream', () => {
  it('is cut into messages; comments and what is not complete are left out', () => {
    expect(new SseParser().push(stream)).toEqual([
      { event: 'snapshot', id: undefined, data: '{"a":1}' },
      { event: 'delta', id: 'p.4', data: '{"b":2}\nmore' },
    ]);
  });

  it('gives the same messages however it comes in pieces', () => {
    const whole = new SseParser().push(stream);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        const places = [0, ...cuts.sort((left, right) => left - right), stream.length];
        const parser = new SseParser();
        const messages = places
          .slice(1)
          .flatMap((end, index) => parser.push(stream.slice(places[index], end)));
        expect(messages).toEqual(whole);
      }),
    );
  });
});
