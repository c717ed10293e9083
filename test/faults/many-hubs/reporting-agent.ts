import { join } from 'node:path';
import { agentSettings } from '@flotilla/agent/config';
import { agentCapabilities } from '@flotilla/agent/core';
import { openHeldRows } from '@flotilla/agent/held-rows';
import { ensureIdentity, openFolderStore } from '@flotilla/agent/identity';
import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import { openStatusSink } from '@flotilla/agent/io/status-sink';
import type { StatusSink } from '@flotilla/agent/ports';
import { type Session, startSession } from '@flotilla/agent/session';
import type { PlacementName } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { cryptoRandom, programVersion, readSettings, silentLogger, systemClock } from '@flotilla/shared/kit';
import {
  type AssignmentReport,
  memberOf,
  noCounts,
  noDrift,
  noTimings,
  type Report,
  type Row,
} from '@flotilla/shared/model';

/** One agent to start. */
export interface ReportingAgentSettings {
  readonly name: string;
  readonly folder: string;
  readonly joinLine: string;
}

type Rows = Awaited<ReturnType<typeof openHeldRows>>['rows'];

/** An agent without a cluster: it joins, holds rows and reports by the production path; what it says of them is made up. */
export class ReportingAgent {
  readonly #session: Session;
  readonly #rows: Rows;
  readonly #sink: StatusSink;
  /** When each row was taken, and when its content is well. */
  readonly #work = new Map<PlacementName, { readonly row: Row; readonly readyAtMs: number }>();
  readonly #said = { seq: 0, report: undefined as Report | undefined, key: '', sentAtMs: 0 };

  private constructor(parts: { readonly session: Session; readonly rows: Rows; readonly sink: StatusSink }) {
    this.#session = parts.session;
    this.#rows = parts.rows;
    this.#sink = parts.sink;
  }

  static async start(settings: ReportingAgentSettings, signal: AbortSignal): Promise<ReportingAgent> {
    const { folder, joinLine, name } = settings;
    const read = await readSettings(agentSettings, {
      env: {},
      args: ['--state-dir', folder, '--join', joinLine],
    });
    if (read.kind === 'mistakes') throw new Error(read.mistakes.join('; '));
    const store = await openFolderStore(join(folder, 'records'));
    const kubeSystemUid = `faults-${name}`;
    const identity = await ensureIdentity(
      { config: read.values, log: silentLogger },
      { store, kubeSystemUid },
      signal,
    );
    const { rows } = await openHeldRows(store, { encode: encodeStoredRow, parse: parseStoredRow }, signal);
    const random = cryptoRandom();
    // A hundred of them share a processor or two: they must not all dial in the same moment, again and again.
    const backoff = { baseMs: 1_000, capMs: 10_000 };
    const sink = openStatusSink({ identity: () => identity, random, log: silentLogger, backoff });
    const told: { agent: ReportingAgent | undefined } = { agent: undefined };
    const session = await startSession(
      {
        link: hubLinkOf({ identity: () => identity }),
        rows,
        store,
        clock: systemClock(),
        random,
        log: silentLogger,
        hubId: identity.hubId,
        agentVersion: programVersion,
        kubeSystemUid,
        capabilities: agentCapabilities,
        lastReportSeq: () => told.agent?.lastReportSeq ?? 0,
      },
      signal,
    );
    const agent = new ReportingAgent({ session, rows, sink });
    told.agent = agent;
    session.onWantReport(() => agent.#send());
    return agent;
  }

  get isConnected(): boolean {
    return this.#session.isConnected();
  }

  /** The rows that it holds. */
  get held(): readonly Row[] {
    return this.#rows.all();
  }

  get reachesBus(): boolean {
    return this.#sink.isConnected;
  }

  /** Its newest report is not known to have been folded. */
  get isOwed(): boolean {
    return this.#session.foldedReportSeq() < this.#said.seq;
  }

  get lastReportSeq(): number {
    return this.#said.seq;
  }

  /** Looks at everything: says what has changed, and again what did not arrive. */
  tick(nowMs: number): void {
    for (const row of this.#rows.all()) {
      const before = this.#work.get(row.placement);
      if (before?.row !== row)
        this.#work.set(row.placement, { row, readyAtMs: nowMs + 100 + Math.random() * 900 });
    }
    const assignments = [...this.#work.values()].map(({ readyAtMs, row }) =>
      assignmentReport(row, nowMs - readyAtMs),
    );
    const key = assignments
      .map(
        (one) => `${one.placement} ${one.version.epoch}.${one.version.seq} ${one.state} ${one.healthyForMs}`,
      )
      .join();
    if (key !== this.#said.key) this.#say(key, assignments);
    if (this.isOwed && nowMs - this.#said.sentAtMs > 2_000) this.#send();
  }

  async stop(): Promise<void> {
    await this.#sink.close();
    await this.#session.ended;
  }

  #say(key: string, assignments: readonly AssignmentReport[]): void {
    this.#said.key = key;
    this.#said.seq += 1;
    this.#said.report = {
      incarnation: this.#session.incarnation(),
      seq: this.#said.seq,
      heldDigest: this.#rows.digest(),
      assignments: [...assignments].sort((left, right) => (left.placement < right.placement ? -1 : 1)),
      facts,
      madeAtMs: Date.now(),
      trimmed: [],
    };
    this.#send();
  }

  #send(): void {
    const { report } = this.#said;
    if (report === undefined) return;
    this.#said.sentAtMs = performance.now();
    this.#sink.publish(report, AbortSignal.timeout(5_000)).catch(() => this.#session.sendReport(report));
  }
}

const facts: Report['facts'] = {
  kubernetes: 'v1.36.0',
  nodes: 1,
  agent: programVersion,
  isSimulated: true,
  fetchRungs: {},
  inventoryParent: '',
  more: {},
};

/** What is said of a row whose content has been well for so long; negative = it is not yet. */
function assignmentReport(row: Row, wellForMs: number): AssignmentReport {
  const { placement, variantDigest, version } = memberOf(row);
  const isWell = wellForMs >= 0;
  const isRemoval = row.kind === 'removal';
  const [underWay, done] = isRemoval
    ? (['Removing', 'Removed'] as const)
    : (['Progressing', 'Ready'] as const);
  const soakMs = isRemoval ? 0 : row.variant.health.soakMs;
  return {
    placement,
    version,
    variantDigest: isRemoval ? undefined : variantDigest,
    state: isWell ? done : underWay,
    phase: undefined,
    reason: isWell ? '' : 'Applying',
    text: '',
    healthyForMs: isWell && wellForMs >= soakMs ? soakMs : 0,
    counts: noCounts,
    failing: [],
    drift: noDrift,
    deadlinePassed: false,
    timings: noTimings,
    appliedCommit: undefined,
    appliedVariantDigest: undefined,
    heldPrune: undefined,
    reverted: false,
  };
}
