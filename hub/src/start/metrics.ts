import type { Result } from '@flotilla/shared/base';
import type { CounterMetric, GaugeMetric, Metrics } from '@flotilla/shared/kit';
import type { Decision, Presence } from '@flotilla/shared/model';
import type { RolloutState } from '../core/index.ts';
import type { Fleet } from '../loops/index.ts';
import type { DecisionLog } from '../ports.ts';

/** What a hub process counts beside its sessions. No label names a cluster, a placement or an object. */
export interface HubMetrics {
  readonly webhooks: CounterMetric<'outcome'>;
  readonly apiRequests: CounterMetric<'outcome'>;
  readonly eventStreams: GaugeMetric;
  readonly eventStreamsLagged: CounterMetric;
  readonly enrolments: CounterMetric<'outcome'>;
  readonly renewals: CounterMetric<'outcome'>;
  readonly checks: CounterMetric<'outcome'>;
  readonly decisions: CounterMetric<'event' | 'outcome'>;
  readonly reports: CounterMetric<'outcome'>;
  readonly clusters: GaugeMetric<'presence'>;
  readonly placements: GaugeMetric;
  readonly rollouts: GaugeMetric<'state'>;
  readonly decisionSequence: GaugeMetric;
  readonly busConnected: GaugeMetric;
  readonly looks: GaugeMetric;
  readonly controlErrors: GaugeMetric;
  readonly controlHeld: GaugeMetric;
  readonly controlRead: GaugeMetric;
}

/** Defines them. */
export function defineHubMetrics(metrics: Metrics): HubMetrics {
  const gauge = (name: string, help: string) => metrics.gauge({ name: `flotilla_hub_${name}`, help });
  const byOutcome = (name: string, help: string) =>
    metrics.counter({ name: `flotilla_hub_${name}_total`, help, labels: ['outcome'] });
  return {
    webhooks: byOutcome('webhooks', 'Webhooks: taken, repeated (of a delivery taken before), refused.'),
    apiRequests: byOutcome(
      'api_requests',
      'Requests of the API: given (below 400), refused (4xx), failed (5xx).',
    ),
    eventStreams: gauge('event_streams', 'Event streams of the API open now.'),
    eventStreamsLagged: metrics.counter({
      name: 'flotilla_hub_event_streams_lagged_total',
      help: 'Times that a reader of an event stream fell behind.',
    }),
    enrolments: byOutcome('enrolments', 'Answers to joining agents: ok, the code of a refusal, or failed.'),
    renewals: byOutcome('renewals', 'Answers to renewals: ok, the code of a refusal, or failed.'),
    checks: byOutcome(
      'check_tries',
      'Times that a webhook check was asked: passed, failed, again (it has not decided yet), none (no answer).',
    ),
    decisions: metrics.counter({
      name: 'flotilla_hub_decisions_total',
      help: 'Decisions that this process wanted to append, by event; outcome appended, conflict or failed.',
      labels: ['event', 'outcome'],
    }),
    reports: byOutcome('reports', 'Reports of agents read from the bus: read or malformed.'),
    clusters: metrics.gauge({
      name: 'flotilla_hub_clusters',
      help: 'Registered clusters, by where their streams stand as this process knows.',
      labels: ['presence'],
    }),
    placements: gauge('placements', 'Placements known.'),
    rollouts: metrics.gauge({
      name: 'flotilla_hub_rollouts',
      help: 'Rollouts that have not ended: running, paused or halted.',
      labels: ['state'],
    }),
    decisionSequence: gauge('decision_sequence', 'Sequence of the decision folded last.'),
    busConnected: gauge('bus_connected', '1 while the bus is connected, else 0.'),
    looks: gauge(
      'looks',
      '1 while this process looks for decisions: by the lease, or because nobody keeps it.',
    ),
    controlErrors: gauge(
      'control_errors',
      'Mistakes in files of the control repository at its newest commit.',
    ),
    controlHeld: gauge('control_held', 'What of the control repository waits for a person.'),
    controlRead: gauge(
      'control_read_timestamp_seconds',
      'When the control repository was last read without failure, seconds since 1970; 0 = never in this process.',
    ),
  };
}

const presences = ['connected', 'suspect', 'disconnected', 'lost', 'never'] as const satisfies Presence[];
const rolloutStates = ['running', 'paused', 'halted'] as const;

/** Shows what the process knows; computed when scraped. */
export function showFleet(metrics: HubMetrics, fleet: Fleet, isBusConnected: () => boolean): void {
  const { clusters, placements } = fleet.snapshot;
  for (const presence of presences) {
    const count = () => [...clusters.values()].filter(({ view }) => view.presence === presence).length;
    metrics.clusters.compute(count, { presence });
  }
  for (const state of rolloutStates) {
    const count = () =>
      [...placements.values()].flatMap((known) => statesOf(known.state)).filter((one) => one === state)
        .length;
    metrics.rollouts.compute(count, { state });
  }
  metrics.placements.compute(() => placements.size);
  metrics.decisionSequence.compute(() => fleet.position.foldedSeq);
  metrics.busConnected.compute(() => Number(isBusConnected()));
  metrics.controlErrors.compute(() => fleet.outlook.errors.length);
  metrics.controlHeld.compute(() => fleet.outlook.held.length);
  metrics.controlRead.compute(() => (fleet.outlook.readAtMs ?? 0) / 1_000);
}

function statesOf({ active, withdraw }: RolloutState): readonly (typeof rolloutStates)[number][] {
  return [active, withdraw].flatMap((rollout) => {
    if (rollout === undefined) return [];
    if (rollout.status.kind === 'halted') return ['halted'];
    return [rollout.isPaused ? 'paused' : 'running'];
  });
}

/** Shows counts that somebody keeps, one outcome for each key. */
export function showCounts<Outcome extends string>(
  counter: CounterMetric<'outcome'>,
  counts: { readonly [outcome in Outcome]: number },
  outcomes: readonly Outcome[],
): void {
  for (const outcome of outcomes) counter.compute(() => counts[outcome], { outcome });
}

/** The handler with its answers counted: ok, a refusal's code, or failed when it rejects. */
export function countAnswers<
  Args extends readonly unknown[],
  Value,
  Refusal extends { readonly code: string },
>(
  counter: CounterMetric<'outcome'>,
  handle: (...args: Args) => Promise<Result<Value, Refusal>>,
): (...args: Args) => Promise<Result<Value, Refusal>> {
  return async (...args) => {
    let outcome = 'failed';
    try {
      const answer = await handle(...args);
      outcome = answer.ok ? 'ok' : answer.error.code;
      return answer;
    } finally {
      counter.add(1, { outcome });
    }
  };
}

/** The log with what is appended to it counted. */
export function countDecisions(counter: HubMetrics['decisions'], log: DecisionLog): DecisionLog {
  const count = (payload: Decision, outcome: string) => counter.add(1, { event: payload.kind, outcome });
  return {
    async append(subject, event, signal) {
      let outcome = 'failed';
      try {
        const answer = await log.append(subject, event, signal);
        outcome = answer.kind;
        return answer;
      } finally {
        count(event.payload, outcome);
      }
    },
    async appendAll(entries, signal) {
      let outcome = 'failed';
      try {
        const answer = await log.appendAll(entries, signal);
        outcome = answer.ok ? 'appended' : 'conflict';
        return answer;
      } finally {
        for (const { event } of entries) count(event.payload, outcome);
      }
    },
    follow: (fromSeq, signal) => log.follow(fromSeq, signal),
    bounds: (signal) => log.bounds(signal),
  };
}
