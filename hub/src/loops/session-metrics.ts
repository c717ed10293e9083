import type { CounterMetric, GaugeMetric, Metrics } from '@flotilla/shared/kit';

/** What the sessions of a hub process count. */
export interface SessionMetrics {
  readonly streams: GaugeMetric;
  readonly hellos: CounterMetric;
  readonly turnedAway: CounterMetric;
  readonly refused: CounterMetric<'code'>;
  readonly deltas: CounterMetric;
  readonly rowsSent: CounterMetric;
  readonly rowsHeld: CounterMetric;
  readonly rowsRejected: CounterMetric<'code'>;
  readonly claimsIgnored: CounterMetric;
  readonly alarms: CounterMetric<'code'>;
  readonly beatsSkipped: CounterMetric;
  readonly reportsRelayed: CounterMetric;
  readonly gossipTold: CounterMetric<'outcome'>;
  readonly gossipHeard: CounterMetric<'outcome'>;
  readonly peers: GaugeMetric;
}

/** Defines them. */
export function sessionMetrics(metrics: Metrics): SessionMetrics {
  const counter = (name: string, help: string): CounterMetric =>
    metrics.counter({ name: `flotilla_hub_${name}_total`, help });
  const byCode = (name: string, help: string): CounterMetric<'code'> =>
    metrics.counter({ name: `flotilla_hub_${name}_total`, help, labels: ['code'] });
  const byOutcome = (name: string, help: string): CounterMetric<'outcome'> =>
    metrics.counter({ name: `flotilla_hub_${name}_total`, help, labels: ['outcome'] });
  return {
    streams: metrics.gauge({ name: 'flotilla_hub_streams', help: 'Assignment streams open now.' }),
    hellos: counter('hellos', 'Streams that said Hello.'),
    turnedAway: counter('streams_turned_away', 'Streams over the admission rate.'),
    refused: byCode('streams_refused', 'Streams refused, by code.'),
    deltas: counter('deltas', 'Deltas sent.'),
    rowsSent: counter('rows_sent', 'Rows sent, repeats included.'),
    rowsHeld: counter('rows_held', 'Rows that agents made durable.'),
    rowsRejected: byCode('rows_rejected', 'Rows that agents refused, by code.'),
    claimsIgnored: counter('claims_ignored', 'Claims of held rows without a valid MAC.'),
    alarms: byCode('session_alarms', 'What streams raised, by code.'),
    beatsSkipped: counter('heartbeats_skipped', 'Heartbeats left out because the reader was slow.'),
    reportsRelayed: counter('reports_relayed', 'Reports that came over streams.'),
    gossipTold: byOutcome(
      'gossip_told',
      'Messages to the other hub processes: told, or lost because the bus was away.',
    ),
    gossipHeard: byOutcome('gossip_heard', 'Messages of hub processes, its own included: read or malformed.'),
    peers: metrics.gauge({
      name: 'flotilla_hub_peers',
      help: 'Other hub processes of the fleet that are there, as this one hears.',
    }),
  };
}
