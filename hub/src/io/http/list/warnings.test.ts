import { describe, expect, it } from 'vitest';
import { fakeFacts, fleetNowMs, placementItem } from '../../../../../test/fakes/hub-api/index.ts';
import { mistakesApart, warningsOf } from './warnings.ts';

describe('warnings around the items', () => {
  it('are none when bus and control repository are there', () => {
    expect(warningsOf('clusters', fakeFacts, fleetNowMs)).toEqual([]);
  });

  it('say since when the bus is away and that the clusters go on', () => {
    const bus = { isConnected: false, sinceMs: fleetNowMs - 90_000, text: 'connection refused' };
    expect(warningsOf('clusters', { ...fakeFacts, bus }, fleetNowMs)).toEqual([
      'the bus is away for 1m30s (connection refused): states of clusters are as of then, the clusters go on',
    ]);
  });

  it('say why the control repository cannot be read, and when it was read last', () => {
    const failure = {
      code: 'GIT_UNAUTHORIZED',
      text: 'the control repository answers 401',
      subject: 'control',
    };
    const away = { ...fakeFacts, control: { ...fakeFacts.control, failure } };
    expect(warningsOf('clusters', away, fleetNowMs)).toEqual([
      'GIT_UNAUTHORIZED: the control repository answers 401 (last read 12s ago)',
    ]);

    const never = { ...away, control: { ...away.control, readAtMs: undefined } };
    expect(warningsOf('clusters', never, fleetNowMs)).toEqual([
      'GIT_UNAUTHORIZED: the control repository answers 401 (not read since the hub started)',
    ]);
  });

  it('say with placements what of the control repository waits for a person', () => {
    const held = [
      { code: 'Emptied', text: 'nothing is left', subject: 'control' },
      { code: 'SourceUnavailable', text: 'of a source', subject: 'platform main' },
    ];
    const facts = { ...fakeFacts, control: { ...fakeFacts.control, held } };
    expect(warningsOf('placements', facts, fleetNowMs)).toEqual([
      'Emptied: control repository: nothing is left',
    ]);
    expect(warningsOf('clusters', facts, fleetNowMs)).toEqual([]);
  });
});

describe('mistakes that no placement shows', () => {
  const strategy = { file: 'fleet/s.yaml', line: 3, column: 5, code: 'UNKNOWN_FIELD', text: 'no such field' };
  const shown = { ...strategy, file: 'fleet/p.yaml' };

  it('are named with their places, and those of placements are not repeated', () => {
    const item = placementItem('shop');
    const placement = { ...item, status: { ...item.status, errors: [shown] } };
    expect(mistakesApart([shown, strategy], [placement])).toEqual([
      'fleet/s.yaml:3:5 UNKNOWN_FIELD no such field',
    ]);
  });

  it('are counted beyond the first few', () => {
    const many = Array.from({ length: 8 }, (_, index) => ({ ...strategy, line: index + 1 }));
    expect(mistakesApart(many, []).at(-1)).toBe('and 3 more mistakes in Git');
    expect(mistakesApart(many, [])).toHaveLength(6);
  });
});
