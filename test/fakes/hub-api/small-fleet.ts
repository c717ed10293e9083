import type { PlacementItem } from '@flotilla/shared/model';
import { FakeHubApi } from './fake-hub-api.ts';
import { assignmentItem, clusterItem, placementItem } from './items.ts';
import { rolloutItem } from './rollout-items.ts';

/**
 * Four clusters, three placements and three rollouts: one cluster fails at checkout, one is away, and the file of
 * payments has a mistake at the newest commit.
 */
export function smallFleet(): FakeHubApi {
  const api = new FakeHubApi();
  const states = {
    'eu-1': ['Ready', { env: 'prod', region: 'eu' }],
    'eu-2': ['Degraded', { env: 'prod', region: 'eu' }],
    'us-1': ['Unknown', { env: 'prod', region: 'us' }],
    'us-2': ['Ready', { env: 'test', region: 'us' }],
  } as const;
  for (const [name, [state, labels]] of Object.entries(states)) {
    api.put('clusters', clusterItem(name, { state, labels }));
    api.put('assignments', assignmentItem(name, 'checkout', { state, labels }));
  }
  api.put('assignments', assignmentItem('eu-1', 'ingress', { labels: states['eu-1'][1] }));
  api.put('placements', placementItem('checkout', { Ready: 2, Degraded: 1, Unknown: 1 }));
  api.put('placements', placementItem('ingress', { Ready: 1 }));
  api.put('placements', withMistake(placementItem('payments', { Ready: 2 })));
  api.put('rollouts', rolloutItem('checkout', 6));
  api.put('rollouts', rolloutItem('checkout', 7, 'Halted'));
  api.put('rollouts', rolloutItem('ingress', 1));
  return api;
}

/** Its last good state stays in force. */
function withMistake(item: PlacementItem): PlacementItem {
  const { name } = item.metadata;
  const mistake = {
    file: `placements/${name}.yaml`,
    line: 8,
    column: 5,
    code: 'UNKNOWN_FIELD',
    text: 'unknown field "matchLabel"; did you mean "matchLabels"?',
    document: { kind: 'Placement', name },
  };
  const reason = { code: 'GitMistake', text: 'the newest state of its file cannot be taken', subject: name };
  return { ...item, status: { ...item.status, state: 'Stalled', reason, errors: [mistake] } };
}
