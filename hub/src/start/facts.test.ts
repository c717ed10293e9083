import { describe, expect, it } from 'vitest';
import { whyNotReady } from './facts.ts';

const bus = { name: 'bus', isOk: false, text: 'no answer from 127.0.0.1:4222 (external)' };
const log = { name: 'log', isOk: false, text: 'still being read' };

describe('why a hub process cannot show the fleet', () => {
  it('is that it has not read its log yet', () => {
    expect(whyNotReady([bus, log])).toEqual([
      { code: 'NotReady', text: 'log: still being read', subject: 'log' },
    ]);
  });

  it('is not that the bus went away after everything was read', () => {
    expect(whyNotReady([bus, { ...log, isOk: true }])).toEqual([]);
  });
});
