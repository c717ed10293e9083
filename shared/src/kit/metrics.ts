import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { assert } from '../base/index.ts';

/** What one metric is called and means. Labels are few and of low cardinality: never an object, never cluster × placement. */
export interface MetricDefinition<Label extends string = string> {
  /** `flotilla_` prefix, base units: `_seconds`, `_bytes`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** A histogram also names its buckets. */
export interface HistogramDefinition<Label extends string = string> extends MetricDefinition<Label> {
  /** Upper bounds, ascending; seconds unless the name says otherwise. */
  readonly buckets?: readonly number[];
}

/** Values of a metric's labels. */
export type LabelValues<Label extends string> = Readonly<Partial<Record<Label, string>>>;

/** Counts up. */
export interface CounterMetric<Label extends string = string> {
  add(count?: number, labels?: LabelValues<Label>): void;
  /** Takes what somebody else counts from the start of the process on, when it is scraped. Not together with `add`. */
  compute(read: () => number, labels?: LabelValues<Label>): void;
}

/** Goes up and down. */
export interface GaugeMetric<Label extends string = string> {
  set(value: number, labels?: LabelValues<Label>): void;
  /** Computes the value when it is scraped; once for each set of labels. */
  compute(read: () => number, labels?: LabelValues<Label>): void;
}

/** Counts observations by size. */
export interface HistogramMetric<Label extends string = string> {
  observe(value: number, labels?: LabelValues<Label>): void;
}

/** A metric's definition and what kind it is. */
export interface DefinedMetric extends MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
}

/** The metrics of one program; its metrics.ts defines all of them. */
export interface Metrics {
  counter<Label extends string>(definition: MetricDefinition<Label>): CounterMetric<Label>;
  gauge<Label extends string>(definition: MetricDefinition<Label>): GaugeMetric<Label>;
  histogram<Label extends string>(definition: HistogramDefinition<Label>): HistogramMetric<Label>;
  /** What was defined so far, in that order; without the process's own. For manuals. */
  readonly defined: readonly DefinedMetric[];
  /** Everything in the Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** 5 ms to 5 minutes: from a local request to a slow rollout step. */
export const durationBucketsS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** Where a value comes from when it is scraped. */
interface Reader<Label extends string> {
  readonly read: () => number;
  readonly labels: LabelValues<Label> | undefined;
}

const namePattern = /^flotilla_[a-z][a-z0-9_]*$/;

/** Makes an empty registry that also tells the process's memory, CPU time and start (computed when scraped, nothing runs). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  addProcessGauges(registry);
  const defined: DefinedMetric[] = [];

  /** What prom-client wants of every metric; a bad definition is a mistake of ours and stops the program at start. */
  function common<Label extends string>(definition: MetricDefinition<Label>, kind: DefinedMetric['kind']) {
    const isCounter = kind === 'counter';
    assert(namePattern.test(definition.name), `${definition.name} is not a flotilla_ metric name`);
    assert(
      definition.name.endsWith('_total') === isCounter,
      `${definition.name}: counters alone end in _total`,
    );
    const { name, help, labels = [] } = definition;
    defined.push({ name, help, labels, kind });
    return { name, help, labelNames: [...labels], registers: [registry] };
  }

  return {
    counter<Label extends string>(definition: MetricDefinition<Label>): CounterMetric<Label> {
      const readers: Reader<Label>[] = [];
      const target = new Counter<Label>({
        ...common(definition, 'counter'),
        collect() {
          if (readers.length > 0) this.reset();
          for (const { labels, read } of readers) this.inc({ ...labels }, read());
        },
      });
      return {
        add: (count = 1, labels) => target.inc({ ...labels }, count),
        compute: (read, labels) => void readers.push({ read, labels }),
      };
    },
    gauge<Label extends string>(definition: MetricDefinition<Label>): GaugeMetric<Label> {
      const readers: Reader<Label>[] = [];
      const target = new Gauge<Label>({
        ...common(definition, 'gauge'),
        collect() {
          for (const { labels, read } of readers) this.set({ ...labels }, read());
        },
      });
      return {
        set: (value, labels) => target.set({ ...labels }, value),
        compute: (read, labels) => void readers.push({ read, labels }),
      };
    },
    histogram(definition) {
      const buckets = [...(definition.buckets ?? durationBucketsS)];
      const target = new Histogram({ ...common(definition, 'histogram'), buckets });
      return { observe: (value, labels) => target.observe({ ...labels }, value) };
    },
    defined,
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** The standard process metrics under their standard names, without the timers that prom-client's collector starts. */
function addProcessGauges(registry: Registry): void {
  const startedS = Date.now() / 1_000 - process.uptime();
  const gauges: readonly (readonly [string, string, () => number])[] = [
    ['process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()],
    ['process_start_time_seconds', 'Start of the process, seconds since 1970.', () => startedS],
    ['nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed],
  ];
  for (const [name, help, read] of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
  }
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time.',
    registers: [registry],
    collect: () => {
      cpu.reset();
      cpu.inc(cpuSeconds());
    },
  });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
