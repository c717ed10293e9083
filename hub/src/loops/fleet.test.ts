import { decisionFormat, zeroDigest } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { changeWindows } from '../core/index.ts';
import { World } from '../core/rollout/rollout-fixture.ts';
import { commitOf, hub, placement, uidOf } from '../core/rollout/samples-fixture.ts';
import { newestWave, stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { controlSubject } from './append.ts';
import { idOf } from './deciding-hub-fixture.ts';
import type { Fleet } from './fleet.ts';
import { startFleet } from './fleet-fixture.ts';

describe('what a hub process knows', () => {
  it('wakes the rollouts for a report only while a rollout runs, and shows the report always', () => {
    const world = new World(['eu-1', 'eu-2', 'eu-3']);
    world.push('one');
    world.settle();
    world.everybodyIsWell();
    const running = startFleet(world);
    const [first] = [...world.clusters.keys()].filter((uid) => world.state.rows.has(uid));

    running.report(first!);

    expect(running.told.work).toEqual([placement]);
    expect(running.told.seen).toEqual([placement]);

    world.run();
    world.everybodyIsWell();
    const ended = startFleet(world);
    ended.report(first!);

    expect(ended.told.work).toEqual([]);
    expect(ended.told.seen).toEqual([placement]);
  });

  it('wakes a rollout for a report of the same only when somebody has now soaked for long enough', () => {
    const world = stableWorld(['eu-1', 'eu-2', 'eu-3']);
    world.push('two');
    world.settle();
    const { fleet, report, told } = startFleet(world);
    const [name = ''] = newestWave(world);
    const uid = uidOf(name);
    const connected = { presence: 'connected', announced: { incarnation: 1, seq: 1 } } as const;
    fleet.foldPresence(uid, connected, 0);
    const says = (healthyForMs: number) => {
      for (const list of Object.values(told)) list.length = 0;
      world.says(name, { healthyForMs });
      report(uid);
      return { seen: told.seen, work: told.work, aging: told.aging };
    };

    says(1);
    expect(says(1_999)).toEqual({ seen: [], work: [], aging: [placement] });
    expect(says(2_000)).toEqual({ seen: [], work: [placement], aging: [] });
    expect(says(2_001)).toEqual({ seen: [], work: [], aging: [placement] });
    expect(says(0)).toEqual({ seen: [], work: [placement], aging: [] });
  });

  it('wakes for a report that makes a cluster fresh again, though it says the same', () => {
    const world = stableWorld(['eu-1', 'eu-2', 'eu-3']);
    world.push('two');
    world.settle();
    world.everybodyIsWell();
    const { fleet, report, told } = startFleet(world);
    const uid = uidOf(newestWave(world)[0] ?? '');
    const announce = (seq: number) =>
      fleet.foldPresence(uid, { presence: 'connected', announced: { incarnation: 1, seq } }, 0);
    announce(1);
    report(uid);
    told.work.length = 0;

    announce(2);
    expect(told.work).toEqual([placement]);
    report(uid);
    expect(told.work).toEqual([placement, placement]);
  });

  it('wakes for other rules whom they may hold, and for known ones whom somebody looked at when nobody knew any', () => {
    const world = stableWorld(['eu-1', 'eu-2', 'eu-3']);
    const { fleet, fold, told } = startFleet(world);
    const look = () => {
      world.settle();
      fold();
      fleet.setPlacement(placement, { spec: undefined, desired: world.desired, errors: [] });
      fleet.setNotes(placement, world.last);
    };
    const rules = (adoptedSeq: number, max: number) => {
      told.work.length = 0;
      fleet.setRules({ adoptedSeq, caps: { max, perClusterMax: 3 }, windows: changeWindows([]) });
      return told.work;
    };
    look();

    // Looked at before anybody knew any; then at rest: whatever they say.
    expect(rules(0, 10)).toEqual([placement]);
    look();
    expect(rules(0, 1)).toEqual([]);
    expect(rules(5, 20)).toEqual([]);

    world.push('two');
    look();
    // A rollout runs: only what they say counts, not which commit says it.
    expect(rules(6, 20)).toEqual([]);
    expect(rules(6, 1)).toEqual([placement]);

    adopt(fleet, 7);
    expect(fleet.rules).toBeUndefined();
    fleet.setNotes(placement, world.last);
    expect(rules(7, 1)).toEqual([placement]);
    expect(rules(7, 1)).toEqual([]);
  });

  it('tells which registration changed, by its name also when it went', () => {
    const world = new World(['eu-1', 'eu-2']);
    const { fleet, told } = startFleet(world);
    const [one] = world.clusters.values();

    fleet.setRegistration(one!.cluster.uid, one!.cluster, 5);
    fleet.setRegistration(one!.cluster.uid, undefined, 6);

    const changed = { uid: one!.cluster.uid, name: 'eu-1' };
    expect(told.clusters).toEqual([changed, changed]);
    expect([...fleet.removed]).toEqual([one!.cluster.uid]);
  });
});

/** A commit comes into force. */
function adopt(fleet: Fleet, seq: number): void {
  const nothing = { sources: {}, files: {}, broken: {} };
  const payload = { kind: 'control-adopted', commit: commitOf(seq), ref: 'main', ...nothing } as const;
  const event = {
    ...{ format: decisionFormat, id: idOf(seq), atMs: 0, actor: hub, expectedSeq: 0, evidence: undefined },
    payload,
  };
  fleet.foldDecision({ seq, storedAtMs: 0, hash: zeroDigest, subject: controlSubject, event });
}
