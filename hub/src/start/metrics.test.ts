import { err, ok } from '@flotilla/shared/base';
import { createMetrics } from '@flotilla/shared/kit';
import { describe, expect, it } from 'vitest';
import { World } from '../core/rollout/rollout-fixture.ts';
import { placement } from '../core/rollout/samples-fixture.ts';
import { placementSubject } from '../loops/fleet-state.ts';
import { Fleet } from '../loops/index.ts';
import type { DecisionLog } from '../ports.ts';
import { countAnswers, countDecisions, defineHubMetrics, showCounts, showFleet } from './metrics.ts';

const never = new AbortController().signal;

function start() {
  const metrics = createMetrics();
  const counted = defineHubMetrics(metrics);
  /** Lines of one metric, without its help. */
  const lines = async (name: string) =>
    (await metrics.render()).split('\n').filter((line) => line.startsWith(`flotilla_hub_${name}`));
  return { counted, lines };
}

describe('the metrics of a hub', () => {
  it('show clusters by presence and rollouts by state as they are when scraped', async () => {
    const { counted, lines } = start();
    const fleet = new Fleet();
    let isConnected = false;
    showFleet(counted, fleet, () => isConnected);
    const world = new World(['eu-1', 'eu-2', 'eu-3']);
    world.push('one');
    world.settle();

    for (const { cluster } of world.clusters.values()) fleet.setRegistration(cluster.uid, cluster, 0);
    for (const { event, ...stored } of world.log) {
      fleet.foldDecision({ ...stored, subject: placementSubject(placement), event });
    }
    isConnected = true;

    expect(await lines('clusters')).toContain('flotilla_hub_clusters{presence="never"} 3');
    expect(await lines('rollouts')).toEqual([
      'flotilla_hub_rollouts{state="running"} 1',
      'flotilla_hub_rollouts{state="paused"} 0',
      'flotilla_hub_rollouts{state="halted"} 0',
    ]);
    expect(await lines('bus_connected')).toEqual(['flotilla_hub_bus_connected 1']);
    expect(await lines('decision_sequence')).toEqual([`flotilla_hub_decision_sequence ${world.log.length}`]);
  });

  it('count what a listener counts itself', async () => {
    const { counted, lines } = start();
    const counts = { taken: 0, repeated: 0, refused: 0 };
    showCounts(counted.webhooks, counts, ['taken', 'repeated', 'refused']);
    counts.refused = 2;
    expect(await lines('webhooks')).toEqual([
      'flotilla_hub_webhooks_total{outcome="taken"} 0',
      'flotilla_hub_webhooks_total{outcome="repeated"} 0',
      'flotilla_hub_webhooks_total{outcome="refused"} 2',
    ]);
  });

  it('count answers by ok, the code of a refusal, or failed', async () => {
    const { counted, lines } = start();
    const answer = countAnswers(counted.enrolments, async (kind: string) => {
      if (kind === 'broken') throw new Error('no bus');
      return kind === 'good' ? ok(1) : err({ code: 'NAME_TAKEN' });
    });
    await answer('good');
    await answer('taken');
    await expect(answer('broken')).rejects.toThrow('no bus');
    expect(await lines('enrolments')).toEqual([
      'flotilla_hub_enrolments_total{outcome="ok"} 1',
      'flotilla_hub_enrolments_total{outcome="NAME_TAKEN"} 1',
      'flotilla_hub_enrolments_total{outcome="failed"} 1',
    ]);
  });

  it('count decisions by event and what became of them, and leave the log as it is', async () => {
    const { counted, lines } = start();
    const world = new World(['eu-1']);
    world.push('one');
    world.settle();
    const [first] = world.log;
    const log: Partial<DecisionLog> = {
      append: async () => ({ kind: 'conflict', lastSeq: 7 }),
      bounds: async () => ({ firstSeq: 1, lastSeq: 7 }),
    };
    // The two methods that are not given are not called.
    const counting = countDecisions(counted.decisions, log as DecisionLog);
    expect(await counting.append('x', first!.event, never)).toEqual({ kind: 'conflict', lastSeq: 7 });
    expect(await counting.bounds(never)).toEqual({ firstSeq: 1, lastSeq: 7 });
    expect(await lines('decisions')).toEqual([
      `flotilla_hub_decisions_total{event="${first!.event.payload.kind}",outcome="conflict"} 1`,
    ]);
  });
});
