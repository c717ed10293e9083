import type { PlacementName } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { assignmentItem, FakeHubApi, smallFleet } from '../../../../../test/fakes/hub-api/index.ts';
import type { Interest } from './frames.ts';
import { clustersOnly, names, reading } from './reader-fixture.ts';

describe('a reader of the event stream, of many assignments told as one', () => {
  it('hears all assignments of a cluster or a placement that changed as a whole, each once', async () => {
    const api = smallFleet();
    const interest: Interest = { ...clustersOnly, kinds: new Set(['assignments']) };
    const { start, clock, take } = reading(api, { interest });
    const all = [...api.items('assignments', {})];
    const { cluster, placement } = all[0]!.spec;
    start();
    await clock.advance(0);
    take();

    api.tell({ kind: 'assignments-of-cluster', name: cluster });
    api.tell({ kind: 'assignments-of-placement', name: placement });
    await clock.advance(250);

    const [delta, ...rest] = take();
    const about = all.filter(({ spec }) => spec.cluster === cluster || spec.placement === placement);
    expect([...names(delta?.data['changed'])].sort()).toEqual(about.map((one) => one.metadata.name).sort());
    expect(delta?.data['isComplete']).toBe(true);
    expect(rest).toEqual([]);
  });

  it('gets many changes in messages of which only the last has the id', async () => {
    const api = new FakeHubApi();
    for (let number = 0; number < 400; number += 1)
      api.put('assignments', assignmentItem(`c-${number}`, 'shop', {}));
    const interest: Interest = { ...clustersOnly, kinds: new Set(['assignments']) };
    const { start, clock, take } = reading(api, { interest });
    start();
    await clock.advance(250);
    take();

    // 400 fill two messages exactly: there is no empty third one.
    api.tell({ kind: 'assignments-of-placement', name: 'shop' as PlacementName });
    await clock.advance(250);

    const heard = take();
    expect(heard.map(({ data, id }) => [data['isComplete'], id])).toEqual([
      [false, undefined],
      [true, 'p.1'],
    ]);
    expect(new Set(heard.flatMap(({ data }) => names(data['changed']))).size).toBe(400);
  });
});
