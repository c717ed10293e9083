import type { CounterMetric, GaugeMetric, HistogramMetric, Metrics } from '@flotilla/shared/kit';
import type { AgentState, AssignmentReport } from '@flotilla/shared/model';

/** What the engine counts. */
export interface EngineMetrics {
  readonly steps: CounterMetric<'step' | 'outcome'>;
  readonly deletes: CounterMetric<'cause'>;
  readonly driftCorrected: CounterMetric;
  readonly fetches: CounterMetric<'rung'>;
  readonly reports: CounterMetric<'way'>;
  readonly reconcileSeconds: HistogramMetric;
  readonly assignments: GaugeMetric<'state'>;
  readonly watchedObjects: GaugeMetric;
}

/** States that the gauge shows even when no assignment has them. */
const gaugedStates: readonly AgentState[] = [
  'Ready',
  'Progressing',
  'Degraded',
  'Stalled',
  'Suspended',
  'Removing',
  'Removed',
];

/** Defines the engine's metrics in a registry. */
export function defineEngineMetrics(metrics: Metrics): EngineMetrics {
  return {
    steps: metrics.counter({
      name: 'flotilla_agent_steps_total',
      help: 'Planned steps performed, by kind and outcome (done, failed).',
      labels: ['step', 'outcome'],
    }),
    deletes: metrics.counter({
      name: 'flotilla_agent_deletes_total',
      help: 'Deletes sent, by cause.',
      labels: ['cause'],
    }),
    driftCorrected: metrics.counter({
      name: 'flotilla_agent_drift_corrected_total',
      help: 'Foreign changes that were corrected.',
    }),
    fetches: metrics.counter({
      name: 'flotilla_agent_fetches_total',
      help: 'Fetches of content, by rung of the ladder.',
      labels: ['rung'],
    }),
    reports: metrics.counter({
      name: 'flotilla_agent_reports_total',
      help: 'Reports sent, by way (bus, stream).',
      labels: ['way'],
    }),
    reconcileSeconds: metrics.histogram({
      name: 'flotilla_agent_reconcile_seconds',
      help: 'Duration of one look at an assignment.',
    }),
    assignments: metrics.gauge({
      name: 'flotilla_agent_assignments',
      help: 'Assignments, by state.',
      labels: ['state'],
    }),
    watchedObjects: metrics.gauge({
      name: 'flotilla_agent_watched_objects',
      help: 'Live objects kept in memory.',
    }),
  };
}

/** Sets the gauge of states; returns the reports that it counted. */
export function countStates(
  reports: readonly AssignmentReport[],
  metrics: EngineMetrics,
): readonly AssignmentReport[] {
  for (const state of gaugedStates)
    metrics.assignments.set(reports.filter((report) => report.state === state).length, { state });
  return reports;
}
