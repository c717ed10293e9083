import type { PlacementName } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { commit, head, placementIn } from '../fleet-spec/spec-fixture.ts';
import { emptyRolloutState } from '../rollout/index.ts';
import { placementItem } from './placement-item.ts';
import type { FleetSnapshot } from './snapshot.ts';

// A DNS-1123 label.
const shop = 'shop' as PlacementName;

/** A fleet of one placement without clusters, whose rule takes its content as `source` says. */
function fleetWith(source: string): FleetSnapshot {
  const spec = placementIn(
    `${head}kind: Placement\nmetadata: {name: shop}\nspec:\n  source: ${source}\n  clusters: {matchLabels: {env: prod}}\n`,
  );
  const desired = { kind: 'unresolved', reasons: [] } as const;
  const known = { spec, state: emptyRolloutState(shop), desired, errors: [], notes: [] };
  return { clusters: new Map(), placements: new Map([[shop, known]]) };
}

const held = [
  { code: 'Emptied', text: 'nothing is left', subject: 'control' },
  { code: 'SourceUnavailable', text: 'answers 401', subject: 'platform main' },
  { code: 'NotFastForward', text: 'main was rewritten', subject: 'platform' },
  { code: 'SourceUnavailable', text: 'answers 500', subject: 'other main' },
];

describe('placementItem', () => {
  it('shows what its own source waits for, and that of no other', () => {
    const item = placementItem(fleetWith('{repo: platform, ref: main, path: apps/shop}'), shop, {
      errors: [],
      held,
    });
    expect(item?.status.held.map(({ text }) => text)).toEqual(['answers 401', 'main was rewritten']);
    expect(item?.status.reason?.text).toBe('answers 401');
  });

  it('leaves what the control repository waits for to the fleet: it is not said once for each placement', () => {
    const item = placementItem(fleetWith('{path: apps/shop}'), shop, { errors: [], held });
    expect(item?.status).toMatchObject({ held: [], reason: undefined });
  });

  it('gives the place of a mistake with its commit', () => {
    const { id } = commit(1);
    const mistake = {
      file: 'a.yaml',
      line: 3,
      column: 5,
      code: 'BAD_VALUE',
      text: 'is odd',
      commit: id,
    } as const;
    const item = placementItem(fleetWith('{path: apps/shop}'), shop, { errors: [mistake], held: [] });
    expect(item?.status.state).toBe('Stalled');
    expect(item?.status.reason?.text).toBe(`a.yaml:3:5@${id.slice(0, 12)} is odd`);
  });
});
