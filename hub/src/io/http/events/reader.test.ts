import { describe, expect, it } from 'vitest';
import { clusterItem, FakeHubApi, smallFleet } from '../../../../../test/fakes/hub-api/index.ts';
import { parseFieldSelector } from '../list/item-fields.ts';
import type { Interest } from './frames.ts';
import { clustersOnly, names, reading } from './reader-fixture.ts';

describe('a reader of the event stream', () => {
  it('gets a snapshot, and the sequence that it shows', async () => {
    const { start, clock, take } = reading(smallFleet());
    start();
    await clock.advance(0);

    const [snapshot, synced, ...rest] = take();
    expect(names(snapshot?.data['items'])).toEqual(['eu-1', 'eu-2', 'us-1', 'us-2']);
    expect(synced).toMatchObject({ event: 'synced', id: 'p.0', data: { sequence: 'p.0' } });
    expect(rest).toEqual([]);
  });

  it('gets a large snapshot in pages', async () => {
    const api = new FakeHubApi();
    for (let number = 0; number < 450; number += 1) api.put('clusters', clusterItem(`c-${number}`));
    const { start, clock, take } = reading(api);
    start();
    await clock.advance(0);

    const heard = take();
    expect(heard.map(({ event }) => event)).toEqual(['snapshot', 'snapshot', 'snapshot', 'synced']);
    const all = heard.slice(0, 3).flatMap(({ data }) => names(data['items']));
    expect(new Set(all).size).toBe(450);
  });

  it('hears the newest state of what changed, once for all changes within 250 ms', async () => {
    const api = smallFleet();
    const { start, clock, take } = reading(api);
    start();
    await clock.advance(0);
    take();

    api.put('clusters', clusterItem('eu-1', { state: 'Progressing' }));
    api.put('clusters', clusterItem('eu-1', { state: 'Degraded' }));
    api.drop('clusters', 'us-2');
    api.put('placements', [...api.items('placements', {})][0]!);
    await clock.advance(249);
    expect(take()).toEqual([]);
    await clock.advance(1);

    const [delta, ...rest] = take();
    expect(delta).toMatchObject({ event: 'delta', id: 'p.4', data: { sequence: 'p.4', isComplete: true } });
    expect(delta?.data['changed']).toMatchObject([
      { metadata: { name: 'eu-1' }, status: { state: 'Degraded' } },
    ]);
    expect(delta?.data['gone']).toEqual([{ kind: 'clusters', name: 'us-2' }]);
    expect(rest).toEqual([]);
  });

  it('hears that an item which no longer fits its selector is gone', async () => {
    const api = smallFleet();
    const fields = parseFieldSelector('clusters', 'state!=Ready');
    const interest = { ...clustersOnly, fields: fields.ok ? fields.value : [] };
    const { start, clock, take } = reading(api, { interest });
    start();
    await clock.advance(0);
    expect(names(take()[0]?.data['items'])).toEqual(['eu-2', 'us-1']);

    api.put('clusters', clusterItem('eu-2', { state: 'Ready' }));
    await clock.advance(250);

    expect(take()[0]?.data).toMatchObject({ changed: [], gone: [{ kind: 'clusters', name: 'eu-2' }] });
  });

  it('resumes from a sequence without a snapshot', async () => {
    const api = smallFleet();
    const { start, clock, log, take } = reading(api);
    api.put('clusters', clusterItem('eu-1'));
    const since = log.format();
    api.put('clusters', clusterItem('eu-2'));
    await clock.advance(250);
    start(since);
    await clock.advance(0);

    const [delta, ...rest] = take();
    expect(names(delta?.data['changed'])).toEqual(['eu-2']);
    expect(rest).toEqual([]);
  });

  it.each(['q.0', 'p.77', 'nonsense'])(
    'that resumes from %s, which is not known, begins anew',
    async (since) => {
      const { start, clock, take } = reading(smallFleet());
      start(since);
      await clock.advance(0);

      expect(take().map(({ event }) => event)).toEqual(['reset', 'snapshot', 'synced']);
    },
  );

  it('that is too slow gets the newest state only, and is told that it lagged', async () => {
    const api = smallFleet();
    const { start, clock, take, hold, letGo, lagged } = reading(api);
    start();
    await clock.advance(0);
    take();
    hold();
    api.put('clusters', clusterItem('eu-1', { state: 'Progressing' }));
    await clock.advance(250);
    for (const state of ['Degraded', 'Stalled', 'Ready'] as const) {
      api.put('clusters', clusterItem('eu-2', { state }));
      await clock.advance(250);
    }
    expect(take()).toHaveLength(1);
    letGo();
    await clock.advance(0);

    const [first, second, ...rest] = take();
    expect(first).toMatchObject({ event: 'lagged', data: { behindMs: 750 } });
    expect(second?.data['changed']).toMatchObject([
      { metadata: { name: 'eu-2' }, status: { state: 'Ready' } },
    ]);
    expect(rest).toEqual([]);
    expect(lagged()).toBe(1);
  });

  it('that has just been served waits for the next round, however soon something changes again', async () => {
    const api = smallFleet();
    const { start, clock, take, hold, letGo } = reading(api);
    start();
    await clock.advance(0);
    take();
    hold();
    api.put('clusters', clusterItem('eu-1', { state: 'Stalled' }));
    await clock.advance(250);
    api.put('clusters', clusterItem('eu-2', { state: 'Stalled' }));
    letGo();
    await clock.advance(249);
    expect(take()).toHaveLength(1);
    await clock.advance(1);

    expect(names(take()[0]?.data['changed'])).toEqual(['eu-2']);
  });

  it('that missed more than is remembered begins anew', async () => {
    const api = smallFleet();
    const { start, clock, take, hold, letGo } = reading(api, { changesMax: 3 });
    start();
    await clock.advance(0);
    take();
    hold();
    api.put('clusters', clusterItem('eu-1'));
    await clock.advance(250);
    for (let number = 0; number < 5; number += 1) api.put('clusters', clusterItem(`new-${number}`));
    await clock.advance(250);
    take();
    letGo();
    await clock.advance(0);

    expect(take().map(({ event }) => event)).toEqual(['reset', 'snapshot', 'synced']);
  });

  it('hears something every 15 s although nothing changes', async () => {
    const { start, clock, take } = reading(smallFleet());
    start();
    await clock.advance(0);
    take();
    await clock.advance(31_000);

    expect(take().map(({ event }) => event)).toEqual(['comment', 'comment']);
  });

  it('hears the facts when it asked for them', async () => {
    const api = smallFleet();
    const { start, clock, take } = reading(api, { interest: { ...clustersOnly, facts: true } });
    start();
    await clock.advance(0);
    expect(take().at(-1)?.data['facts']).toMatchObject({ bus: { isConnected: true } });

    api.setFacts((facts) => ({ ...facts, bus: { ...facts.bus, isConnected: false } }));
    await clock.advance(250);

    expect(take()[0]?.data['facts']).toMatchObject({ bus: { isConnected: false } });
  });
});
