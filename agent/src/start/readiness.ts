import type { HealthCheck } from '@flotilla/shared/kit';
import type { Engine, Renewal, Session } from '../loops/index.ts';
import type { StateStore, StatusSink } from '../ports.ts';

/** What an agent's readiness is taken from. */
export interface ReadinessOf {
  readonly engine: Pick<Engine, 'isReady'>;
  readonly renewal: Pick<Renewal, 'problem'>;
  readonly session: Pick<Session, 'isConnected'>;
  readonly status: Pick<StatusSink, 'isConnected'>;
  readonly store: Pick<StateStore, 'damage'>;
}

/**
 * Whether the agent can do its work, and what surrounds it. Hub, bus and a renewal that fails are shown, but an agent
 * without them keeps its cluster: only the cluster itself counts.
 */
export function readiness({ engine, renewal, session, status, store }: ReadinessOf): readonly HealthCheck[] {
  const problem = renewal.problem();
  return [
    { name: 'cluster', isOk: engine.isReady, text: engine.isReady ? 'reached' : 'not reached yet' },
    { name: 'hub', isOk: true, text: session.isConnected() ? 'connected' : 'away' },
    { name: 'bus', isOk: true, text: status.isConnected ? 'connected' : 'away' },
    { name: 'identity', isOk: true, text: problem === undefined ? 'fresh' : `not renewed: ${problem}` },
    { name: 'store', isOk: true, text: store.damage.at(-1) ?? 'whole' },
  ];
}
