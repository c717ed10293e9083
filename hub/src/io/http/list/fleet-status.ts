import { apiVersion, type FleetStatus, type Presence } from '@flotilla/shared/model';
import type { HubApi } from '../../../api-port.ts';
import { addStates, FailureSums, noStates } from './count.ts';

/** Counts the fleet: one pass over its clusters and one over its placements. `asOfMs` is the hub's wall clock. */
export function readFleetStatus(api: HubApi, asOfMs: number): FleetStatus {
  return {
    apiVersion,
    kind: 'FleetStatus',
    metadata: { name: 'fleet' },
    spec: {},
    status: { ...api.facts(), asOfMs, ...countClusters(api), ...countPlacements(api) },
  };
}

function countClusters(api: HubApi): Pick<FleetStatus['status'], 'clusters' | 'assignments' | 'failures'> {
  const states = noStates();
  const assignmentStates = noStates();
  const presence: { [one in Presence]: number } = {
    connected: 0,
    suspect: 0,
    disconnected: 0,
    lost: 0,
    never: 0,
  };
  const failures = new FailureSums();
  let total = 0;
  let simulated = 0;
  let assignments = 0;
  for (const { status } of api.items('clusters', {})) {
    total += 1;
    states[status.state] += 1;
    presence[status.presence] += 1;
    if (status.isSimulated) simulated += 1;
    assignments += status.assignments;
    addStates(assignmentStates, status.counts);
    failures.add(status.failures);
  }
  return {
    clusters: { total, states, presence, simulated },
    assignments: { total: assignments, states: assignmentStates },
    failures: failures.largest(),
  };
}

function countPlacements(api: HubApi): Pick<FleetStatus['status'], 'placements' | 'rollouts'> {
  const states = noStates();
  let total = 0;
  let active = 0;
  let halted = 0;
  for (const { status } of api.items('placements', {})) {
    total += 1;
    states[status.state] += 1;
    if (status.rollout !== undefined) active += 1;
    if (status.rollout?.state === 'Halted') halted += 1;
  }
  return { placements: { total, states }, rollouts: { active, halted } };
}
