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

  it('say when the control repository was last read, and that what was in force stays', () => {
    const failure = { code: 'GitRefused', text: 'it answers 401', subject: 'control' };
    const away = { ...fakeFacts, control: { ...fakeFacts.control, failure } };
    expect(outagesOf(away, fleetNowMs)[0]).toContain(
      'was last read 12s ago (it answers 401): what was in force stays',
    );

    const never = { ...away, control: { ...away.control, readAtMs: undefined } };
    expect(outagesOf(never, fleetNowMs)[0]).toContain('has not been read since the hub started');
  });
});
