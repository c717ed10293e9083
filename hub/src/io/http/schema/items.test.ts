import { describe, expect, it } from 'vitest';
import {
  assignmentItem,
  clusterItem,
  placementItem,
  rolloutItem,
  smallFleet,
} from '../../../../../test/fakes/hub-api/index.ts';
import { readFleetStatus } from '../list/index.ts';
import { describedSchema, fleetStatusSchema, itemSchemas } from './index.ts';

/** As JSON carries it. */
function wire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Schemas leave out what they do not know, so an equal answer proves that they know everything. */
describe('the schemas of the answers', () => {
  it.each([
    ['cluster', itemSchemas.clusters, clusterItem('eu-1', { state: 'Degraded', labels: { a: 'b' } })],
    ['placement', itemSchemas.placements, placementItem('checkout', { Degraded: 1 })],
    ['assignment', itemSchemas.assignments, assignmentItem('eu-1', 'checkout', { state: 'Degraded' })],
    ['rollout', itemSchemas.rollouts, rolloutItem('checkout', 7, 'Halted')],
    ['ended rollout', itemSchemas.rollouts, rolloutItem('checkout', 6)],
    ['described placement', describedSchema('placements'), smallFleet().describe('placements', 'checkout')],
    ['fleet status', fleetStatusSchema, readFleetStatus(smallFleet(), 5)],
  ])('hold every part of a %s', (_what, schema, item) => {
    expect(schema.parse(wire(item))).toEqual(wire(item));
  });

  it('refuse a document that lacks a part', () => {
    const { status: _, ...item } = clusterItem('eu-1');
    expect(itemSchemas.clusters.safeParse(item).success).toBe(false);
  });
});
