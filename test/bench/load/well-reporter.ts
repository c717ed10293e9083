import type { openHeldRows } from '@flotilla/agent/held-rows';
import type { StatusSink } from '@flotilla/agent/ports';
import type { Session } from '@flotilla/agent/session';
import type { Clock, ClusterUid, PlacementName } from '@flotilla/shared/base';
import {
  type AssignmentReport,
  formatVersion,
  memberOf,
  type Report,
  type Row,
} from '@flotilla/shared/model';
import { type Pace, paceMs } from './pace.ts';
import { busyEntry, loadFacts, wellEntry } from './well-entry.ts';

/** When a row had been healthy for its soak, and a report that says so was taken by the bus. */
export interface Proof {
  readonly clusterUid: ClusterUid;
  readonly placement: PlacementName;
  /** `epoch.seq` of the row. */
  readonly version: string;
  /** Wall clock milliseconds. */
  readonly atMs: number;
}

/** What a reporter is made from. */
export interface WellReporterParts {
  readonly clusterUid: ClusterUid;
  readonly rows: Awaited<ReturnType<typeof openHeldRows>>['rows'];
  readonly session: Session;
  readonly sink: StatusSink;
  readonly clock: Clock;
  /** How soon what comes from now on is Ready. */
  readonly pace: () => Pace | undefined;
}

interface Held {
  readonly row: Row;
  /** When it is Ready. */
  readonly readyMs: number;
  isTold: boolean;
}

/** Changes are collected for so long, as by an agent. */
const quietMs = 200;
const retryMs = 1_000;

/** Says of everything that an agent holds that it is Ready, from the moment that it is held or as long after it as its pace says. */
export class WellReporter {
  readonly #parts: WellReporterParts;
  readonly #signal: AbortSignal;
  readonly #held = new Map<PlacementName, Held>();
  #proofs: Proof[] = [];
  #timer: NodeJS.Timeout | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #isSending = false;
  lastSeq = 0;

  constructor(parts: WellReporterParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#look(parts.rows.all().map((row) => memberOf(row).placement));
    parts.rows.onChange((placements) => this.#look(placements));
    parts.session.onWantReport(() => this.#sendIn(0));
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
    this.#sendIn(0);
  }

  /** What became proven since the last call. */
  takeProofs(): readonly Proof[] {
    const proofs = this.#proofs;
    this.#proofs = [];
    return proofs;
  }

  #look(placements: readonly PlacementName[]): void {
    const { clock, clusterUid, pace, rows } = this.#parts;
    for (const placement of placements) {
      const row = rows.get(placement);
      const readyMs = clock.nowMs() + paceMs(pace(), placement, clusterUid);
      if (row === undefined) this.#held.delete(placement);
      else this.#held.set(placement, { row, readyMs, isTold: false });
    }
    this.#sendIn(quietMs);
  }

  #sendIn(ms: number): void {
    const dueMs = this.#parts.clock.nowMs() + ms;
    if (dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(), ms);
  }

  async #send(): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.#isSending || this.#signal.aborted) return this.#sendIn(quietMs);
    this.#isSending = true;
    const { clock, sink } = this.#parts;
    const nowMs = clock.nowMs();
    this.lastSeq += 1;
    try {
      await sink.publish(this.#report(nowMs), this.#signal);
      this.#toldAt(nowMs);
    } catch {
      this.#sendIn(retryMs);
    } finally {
      this.#isSending = false;
    }
  }

  /** Notes what is proven by this report, and when the next of the others will be. */
  #toldAt(reportMs: number): void {
    const { clock, clusterUid } = this.#parts;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [placement, held] of this.#held) {
      if (held.isTold) continue;
      const provenMs = held.readyMs + soakOf(held.row);
      if (provenMs > reportMs) {
        nextMs = Math.min(nextMs, held.readyMs > reportMs ? held.readyMs : provenMs);
        continue;
      }
      held.isTold = true;
      const { version } = memberOf(held.row);
      this.#proofs.push({ clusterUid, placement, version: formatVersion(version), atMs: clock.wallMs() });
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#sendIn(Math.max(0, nextMs - clock.nowMs()) + 1);
  }

  #report(nowMs: number): Report {
    const { clock, rows, session } = this.#parts;
    return {
      incarnation: Math.max(1, session.incarnation()),
      seq: this.lastSeq,
      heldDigest: rows.digest(),
      assignments: [...this.#held.values()].map((held) => entryOf(held, nowMs)).sort(byPlacement),
      facts: loadFacts,
      madeAtMs: clock.wallMs(),
      trimmed: [],
    };
  }
}

function soakOf(row: Row): number {
  return row.kind === 'assignment' ? row.variant.health.soakMs : 0;
}

function entryOf({ row, readyMs }: Held, nowMs: number): AssignmentReport {
  const { placement, variantDigest, version } = memberOf(row);
  const about = {
    placement,
    version,
    variantDigest: row.kind === 'assignment' ? variantDigest : undefined,
    healthyForMs: Math.max(1, Math.round(nowMs - readyMs)),
  };
  return nowMs < readyMs ? busyEntry(about) : wellEntry(about);
}

function byPlacement(left: AssignmentReport, right: AssignmentReport): number {
  return left.placement < right.placement ? -1 : 1;
}
