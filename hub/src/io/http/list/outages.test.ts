import { describe, expect, it } from 'vitest';
import { fakeFacts, fleetNowMs } from '../../../../../test/fakes/hub-api/index.ts';
import { outagesOf } from './outages.ts';

describe('outages around the hub', () => {
  it('are none when bus and control repository are there', () => {
    expect(outagesOf(fakeFacts, fleetNowMs)).toEqual([]);
  });

  it('say since when the bus is away and that the clusters go on', () => {
    const bus = { isConnected: false, sinceMs: fleetNowMs - 90_000, text: 'connection refused' };
    expect(outagesOf({ ...fakeFacts, bus }, fleetNowMs)).toEqual([
      'the bus is away for 1m30s (connection refused): states of clusters are as of then, the clusters go on',
    ]);
  });

  it('say why the control repository cannot be read, and when it was read last', () => {
    const failure = { code: 'GitRefused', text: 'the control repository answers 401', subject: 'control' };
    const away = { ...fakeFacts, control: { ...fakeFacts.control, failure } };
    expect(outagesOf(away, fleetNowMs)).toEqual(['the control repository answers 401 (last read 12s ago)']);

    const never = { ...away, control: { ...away.control, readAtMs: undefined } };
    expect(outagesOf(never, fleetNowMs)).toEqual([
      'the control repository answers 401 (not read since the hub started)',
    ]);
  });
});
