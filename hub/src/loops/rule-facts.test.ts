import type { ClusterFacts } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { placementDocument, specFrom } from '../core/placement/placement-fixture.ts';
import { World } from '../core/rollout/rollout-fixture.ts';
import { uidOf } from '../core/rollout/samples-fixture.ts';
import { Fleet } from './fleet.ts';
import { RuleFacts } from './rule-facts.ts';

const newEnough = specFrom(
  placementDocument('shop', `{matchLabels: {env: prod}, cel: "facts.kubernetes >= semver('1.29')"}`),
);
const byLabels = specFrom(placementDocument('shop', '{matchLabels: {env: prod}}'));
const uid = uidOf('eu-1');

function facts(kubernetes: string, nodes = 3, isFresh = true): ClusterFacts {
  return { isFresh, values: { agent: '0.1.0', isSimulated: false, kubernetes, more: {}, nodes } };
}

/** A fleet of one cluster whose facts a test sets. */
function fleetOfOne() {
  const [one] = new World(['eu-1']).clusters.values();
  const fleet = new Fleet();
  fleet.setRegistration(uid, { ...one!.cluster, labels: { env: 'prod' } }, 0);
  fleet.logFolded();
  fleet.registryRead();
  return { fleet, say: (one: ClusterFacts) => void fleet.facts.set(uid, one) };
}

describe('facts as placing looks at them', () => {
  it('stay the same objects while those of now come to the same for every expression', () => {
    const { fleet, say } = fleetOfOne();
    const looked = new RuleFacts();
    const seen = () => looked.clusters(newEnough, fleet)[0]?.facts;
    say(facts('v1.29.3'));
    const first = seen();
    expect(first?.values.kubernetes).toBe('v1.29.3');

    say(facts('v1.30.0', 5));
    expect(looked.matters(fleet, uid)).toBe(false);
    expect(seen()).toBe(first);

    say(facts('v1.28.9'));
    expect(looked.matters(fleet, uid)).toBe(true);
    expect(seen()?.values.kubernetes).toBe('v1.28.9');

    say(facts('v1.28.9', 3, false));
    expect(looked.matters(fleet, uid)).toBe(true);
    expect(seen()?.isFresh).toBe(false);
  });

  it('are none where no expression reads any, and are looked at anew when one comes', () => {
    const { fleet, say } = fleetOfOne();
    const looked = new RuleFacts();
    say(facts('v1.29.3'));
    expect(looked.clusters(byLabels, fleet)[0]?.facts).toBeUndefined();
    expect(looked.matters(fleet, uid)).toBe(false);
    expect(looked.clusters(newEnough, fleet)[0]?.facts?.values.kubernetes).toBe('v1.29.3');
    say(facts('v1.30.0'));
    looked.clusters(byLabels, fleet);
    expect(looked.clusters(newEnough, fleet)[0]?.facts?.values.kubernetes).toBe('v1.30.0');
  });

  it('are forgotten with their cluster', () => {
    const { fleet, say } = fleetOfOne();
    const looked = new RuleFacts();
    say(facts('v1.29.3'));
    const [before] = looked.clusters(newEnough, fleet);
    fleet.setRegistration(uid, undefined, 1);
    expect(looked.clusters(newEnough, fleet)).toEqual([]);
    say(facts('v1.30.0'));
    fleet.setRegistration(uid, { ...before!, facts: undefined }, 2);
    expect(looked.clusters(newEnough, fleet)[0]?.facts?.values.kubernetes).toBe('v1.30.0');
  });
});
