import type { Clock } from '@flotilla/shared/base';
import type { ItemKind } from '@flotilla/shared/model';
import type { HubApi } from '../../../api-port.ts';
import type { ChangeLog } from './change-log.ts';
import { deltaFrames, type Frame, frameText, type Interest, snapshotPage } from './frames.ts';
import { coalesceMs, type Ticker } from './ticker.ts';

/** Where a reader's messages go. */
export interface ReaderSink {
  /**
   * Writes, and resolves once the reader has taken so much that more may be written: nothing queues beyond one message.
   * Rejects with the signal's reason, or when the connection is gone.
   */
  write(text: string, signal: AbortSignal): Promise<void>;
}

/** What one reader is served from. */
export interface ReaderDeps {
  readonly api: HubApi;
  readonly clock: Clock;
  readonly log: ChangeLog;
  readonly ticker: Ticker;
  /** Called when a reader fell behind. */
  readonly onLag: () => void;
}

/** A comment after so long without a message keeps proxies from cutting the stream, and shows a dead reader. */
const keepAliveMs = 15_000;

/**
 * Serves one reader until the signal: a snapshot unless it resumes from a sequence that is still known, then what
 * changes. A reader that is too slow gets the newest state of what it missed, and is told so; it costs the others
 * nothing. Rejects only with the signal's reason or the sink's failure.
 */
export async function serveReader(
  deps: ReaderDeps,
  wish: { readonly interest: Interest; readonly since: string | undefined; readonly sink: ReaderSink },
  signal: AbortSignal,
): Promise<void> {
  const { log, ticker } = deps;
  const write = (frame: Frame): Promise<void> => wish.sink.write(frameText(frame), signal);
  let position = await begin(deps, wish, write);
  while (!signal.aborted) {
    while (ticker.published <= position) await idle(deps, wish.sink, signal);
    const round = ticker.rounds;
    const changes = log.since(position);
    if (changes === undefined) {
      position = await restart(deps, wish.interest, write);
      continue;
    }
    const from = position;
    position = log.sequence;
    const at = { sequence: log.format(position), asOfMs: deps.clock.wallMs() };
    for (const frame of deltaFrames(deps.api, wish.interest, changes, at)) await write(frame);
    // One round may pass while a message is on its way; more means that the reader did not keep up.
    if (ticker.rounds > round + 1) await tellLag(deps, { from, rounds: ticker.rounds - round }, write);
  }
}

type Write = (frame: Frame) => Promise<void>;

async function begin(
  deps: ReaderDeps,
  wish: { readonly interest: Interest; readonly since: string | undefined },
  write: Write,
): Promise<number> {
  if (wish.since === undefined) return sendSnapshot(deps, wish.interest, write);
  const since = deps.log.parse(wish.since);
  if (since === undefined || deps.log.since(since) === undefined) {
    return restart(deps, wish.interest, write);
  }
  return since;
}

/** The reader must forget what it knows: it is of another process, or older than what is remembered. */
async function restart(deps: ReaderDeps, interest: Interest, write: Write): Promise<number> {
  const reason = 'what changed since the given sequence is no longer known; a snapshot follows';
  await write({ event: 'reset', data: JSON.stringify({ reason }) });
  return sendSnapshot(deps, interest, write);
}

/** Sends everything as of now in pages; changes on the way come again as deltas, so nothing is missed. */
async function sendSnapshot(deps: ReaderDeps, interest: Interest, write: Write): Promise<number> {
  const start = deps.log.sequence;
  for (const kind of interest.kinds) await sendKind(deps, interest, kind, write);
  const sequence = deps.log.format(start);
  const facts = interest.facts ? { facts: deps.api.facts() } : {};
  const data = JSON.stringify({ sequence, asOfMs: deps.clock.wallMs(), ...facts });
  await write({ event: 'synced', id: sequence, data });
  return start;
}

async function sendKind(deps: ReaderDeps, interest: Interest, kind: ItemKind, write: Write): Promise<void> {
  let after: string | undefined;
  do {
    const page = snapshotPage(deps.api, interest, kind, { after, asOfMs: deps.clock.wallMs() });
    if (page.frame !== undefined) await write(page.frame);
    after = page.after;
  } while (after !== undefined);
}

async function tellLag(
  deps: ReaderDeps,
  missed: { readonly from: number; readonly rounds: number },
  write: Write,
): Promise<void> {
  deps.onLag();
  const data = {
    since: deps.log.format(missed.from),
    behindMs: missed.rounds * coalesceMs,
    text: 'this reader is too slow: states in between are left out, the newest one follows',
  };
  await write({ event: 'lagged', data: JSON.stringify(data) });
}

/** Waits for the next round; says something now and then. */
async function idle(deps: ReaderDeps, sink: ReaderSink, signal: AbortSignal): Promise<void> {
  for (;;) {
    const woken = new AbortController();
    const either = AbortSignal.any([signal, woken.signal]);
    try {
      const outcome = await Promise.race([
        deps.ticker.next(either).then(() => 'round' as const),
        deps.clock.sleep(keepAliveMs, either).then(() => 'silence' as const),
      ]);
      if (outcome === 'round') return;
    } finally {
      woken.abort();
    }
    await sink.write(': still here\n\n', signal);
  }
}
