import type { Report, Welcome } from '@flotilla/shared/model';
import type { AgentAlarm } from '../core/session/index.ts';
import { readCounters, writeCounters } from './session-counters.ts';
import { SessionLoop, type SessionOptions } from './session-loop.ts';

export type { SessionOptions } from './session-loop.ts';

/** The agent's session with its hub. The agent works without it: from `rows` on it needs nobody. */
export interface Session {
  /** The incarnation that reports carry; durable before it is told. */
  incarnation(): number;
  /** Whether the hub has accepted the stream that is open now. */
  isConnected(): boolean;
  /** Whether hub and agent name the same set; undefined = the hub has not said on this stream. */
  isInStep(): boolean | undefined;
  /** The hub's last Welcome, kept while it is away: cluster name and labels, for messages. */
  welcome(): Welcome | undefined;
  /** Newest report of this incarnation that the hub has folded, by its last heartbeat. */
  foldedReportSeq(): number;
  /** Monotonic: when a frame of the hub last came, on whatever stream; undefined = never. */
  heardAtMs(): number | undefined;
  /** What a person should know; undefined = nothing since the last Welcome. */
  alarm(): { readonly code: AgentAlarm; readonly text: string } | undefined;
  /** Sends a report over the stream; false when there is none. Not acknowledged: `foldedReportSeq` tells. */
  sendReport(report: Report): boolean;
  /** Called when the hub misses a report. Returns the unsubscribe function. */
  onWantReport(listener: () => void): () => void;
  /** Called when the hub has accepted a stream. Returns the unsubscribe function. */
  onWelcome(listener: (welcome: Welcome) => void): () => void;
  /** Resolves when the signal was aborted, the stream is closed and nothing is being stored. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Starts the session: reads the counters and makes them durable, then connects and reconnects until the signal is
 * aborted. Rejects when the store cannot be written or a newer program wrote the counters.
 */
export async function startSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const counters = await readCounters(options.store, signal);
  await writeCounters(options.store, counters, signal);
  const loop = new SessionLoop(options, counters, signal);
  const ended = loop.run();
  return {
    incarnation: () => loop.incarnation,
    isConnected: () => loop.state.phase.kind === 'following',
    isInStep: () => loop.state.isInStep,
    welcome: () => loop.welcome,
    foldedReportSeq: () => loop.foldedReportSeq,
    heardAtMs: () => loop.heardAtMs,
    alarm: () => loop.alarm,
    sendReport: (report) => loop.sendReport(report),
    onWantReport: (listener) => subscribe(loop.wantReport, listener),
    onWelcome: (listener) => subscribe(loop.welcomed, listener),
    ended,
  };
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
