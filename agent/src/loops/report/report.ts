import { jitter, limits } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { AssignmentReport, Facts, Report } from '@flotilla/shared/model';
import { fieldAt, nextReportMs, trimReport } from '../../core/index.ts';
import type { EngineConfig, EnginePorts, SessionHooks } from '../engine/engine-context.ts';
import type { EngineMetrics } from '../engine/engine-metrics.ts';
import type { HeldRows } from '../held-rows.ts';
import { createWakeUp, type WakeUp } from '../wake-up.ts';

/** What the reporter is made from. */
export interface ReporterOptions {
  readonly ports: Pick<EnginePorts, 'clock' | 'random' | 'status' | 'store'>;
  readonly config: EngineConfig;
  readonly session: SessionHooks;
  readonly heldRows: HeldRows;
  readonly metrics: EngineMetrics;
  readonly log: Logger;
  /** One for each held row, sorted by placement. */
  readonly reports: () => readonly AssignmentReport[];
  readonly facts: () => Facts;
}

/** Numbers reserved in the store at once: one write for so many reports. */
const seqBlock = 500;
const seqKey = 'engine/report-seq';
/** Between two attempts while neither way is open. */
const retryMs = 1_000;

/** Publishes the newest report: last value wins, so nothing is ever queued. */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #wakeUp: WakeUp;
  #dirtySinceMs: number | undefined = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = 0;
  #downSinceMs: number | undefined;
  #streamLastMs = Number.NEGATIVE_INFINITY;
  #changes: number[] = [];
  #busHeardAtMs: number | undefined;
  #incarnation = 0;
  #seq = 0;
  #reservedSeq = 0;
  /** No report could be made the last time; told once. */
  #isBroken = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#wakeUp = createWakeUp(options.ports.clock);
  }

  /**
   * Sequence of the newest report that was due, whether it was made and arrived or not: a heartbeat that names it makes
   * the hub miss it, and take no older one for the latest. 0 = none of this incarnation yet.
   */
  get lastSeq(): number {
    return this.#seq;
  }

  /** Monotonic: when the bus last answered that it has taken a report; undefined = never. */
  get busHeardAtMs(): number | undefined {
    return this.#busHeardAtMs;
  }

  /** Something in a report changed. Only marks. */
  changed(): void {
    const nowMs = this.#options.ports.clock.nowMs();
    this.#dirtySinceMs ??= nowMs;
    this.#changes = [
      ...this.#changes.filter((time) => time > nowMs - 1_000).slice(-limits.apiPageItemsMax),
      nowMs,
    ];
    this.#wakeUp.wake();
  }

  /** The hub lacks the report: send it now. */
  wanted(): void {
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.changed();
  }

  /** Runs until the signal. Never rejects for a bus that is away. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.ports;
    while (!signal.aborted) {
      const dueMs = Math.max(this.#dueMs(), this.#notBeforeMs);
      if (dueMs > clock.nowMs()) await this.#wakeUp.until(dueMs, signal);
      else await this.#send(signal);
    }
  }

  #dueMs(): number {
    const recentChanges = this.#changes.length;
    return nextReportMs({ dirtySinceMs: this.#dirtySinceMs, lastMs: this.#lastMs, recentChanges });
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options.ports;
    const dirtySinceMs = this.#dirtySinceMs;
    this.#dirtySinceMs = undefined;
    const isSent = await this.#publish(signal);
    const nowMs = clock.nowMs();
    if (isSent) {
      this.#lastMs = nowMs;
      return;
    }
    // What was not told stays untold, since the first time.
    this.#dirtySinceMs = dirtySinceMs ?? nowMs;
    this.#notBeforeMs = nowMs + jitter(retryMs, 0.2, random);
  }

  /** By the bus; by the hub's stream when the bus has been away for long. */
  async #publish(signal: AbortSignal): Promise<boolean> {
    const { ports, config, log, metrics } = this.#options;
    const { clock } = ports;
    try {
      const report = await this.#make(signal);
      this.#isBroken = false;
      const isTried = await ports.status.publish(report, signal).then(
        () => true,
        (error: unknown) => {
          signal.throwIfAborted();
          if (this.#downSinceMs === undefined) log.warn('status bus is away', { error });
          return false;
        },
      );
      if (isTried) {
        if (this.#downSinceMs !== undefined) log.info('status bus is back');
        this.#downSinceMs = undefined;
        this.#busHeardAtMs = clock.nowMs();
        metrics.reports.add(1, { way: 'bus' });
        return true;
      }
      this.#downSinceMs ??= clock.nowMs();
      const isStreamDue =
        clock.nowMs() - this.#downSinceMs >= config.streamFallbackMs &&
        clock.nowMs() - this.#streamLastMs >= retryMs;
      if (!isStreamDue) return false;
      if (!this.#options.session.sendReport(report)) return false;
      this.#streamLastMs = clock.nowMs();
      metrics.reports.add(1, { way: 'stream' });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!this.#isBroken) log.warn('report cannot be made', { error });
      this.#isBroken = true;
      return false;
    }
  }

  async #make(signal: AbortSignal): Promise<Report> {
    const { ports, heldRows, reports, facts } = this.#options;
    const seq = await this.#nextSeq(signal);
    const report: Report = {
      incarnation: this.#incarnation,
      seq,
      heldDigest: heldRows.digest(),
      assignments: reports(),
      facts: facts(),
      madeAtMs: ports.clock.wallMs(),
      trimmed: [],
    };
    return trimReport(report, limits.reportJsonBytesMax);
  }

  /**
   * Numbers of reports never repeat within an incarnation, also across restarts: a block is reserved before its first is
   * used. The number is raised before anything can fail: a report that cannot be made is missed all the same.
   */
  async #nextSeq(signal: AbortSignal): Promise<number> {
    const { store } = this.#options.ports;
    await this.#followIncarnation(signal);
    this.#seq += 1;
    if (this.#seq > this.#reservedSeq) {
      const upTo = this.#seq + seqBlock - 1;
      await store.write(seqKey, { incarnation: this.#incarnation, upTo }, signal);
      this.#reservedSeq = upTo;
    }
    return this.#seq;
  }

  /** Goes on after what an earlier run of the same incarnation reserved. Until that is known no number can be named. */
  async #followIncarnation(signal: AbortSignal): Promise<void> {
    const incarnation = Math.max(1, this.#options.session.incarnation());
    if (incarnation === this.#incarnation) return;
    this.#incarnation = 0;
    this.#seq = 0;
    const stored = await this.#options.ports.store.read(seqKey, signal);
    const upTo = fieldAt(stored, 'upTo');
    const isSame = fieldAt(stored, 'incarnation') === incarnation && typeof upTo === 'number';
    this.#seq = isSame ? upTo : 0;
    this.#reservedSeq = this.#seq;
    this.#incarnation = incarnation;
  }
}
