import { join } from 'node:path';
import { type Clock, FlotillaError, type RolloutId } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { cryptoRandom, type Logger, lockDataFolder, programVersion, systemClock } from '@flotilla/shared/kit';
import type { AssignmentReport, AssignmentRow, Content } from '@flotilla/shared/model';
import { openFolderStore } from '../io/state-store/folder-store.ts';
import { type Engine, type HeldRows, openHeldRows, startEngine } from '../loops/index.ts';
import type { CredentialStore, StatusSink } from '../ports.ts';
import { aloneOwner, noProof } from './owner.ts';
import { setName, systemUid } from './render.ts';
import type { ApplyConfig } from './settings.ts';
import { openSource, type Source } from './source.ts';
import { openCluster, openRenderers, scratchFolder } from './tools.ts';
import { variantOf } from './variant.ts';

/** How a standalone apply went. */
export interface ApplyOutcome {
  readonly isGood: boolean;
  readonly commit: string;
  readonly report: AssignmentReport;
}

/** What is told while an apply goes on. */
export interface ApplyEvents {
  readonly log: Logger;
  /** Of `watch`: the state changed. */
  readonly changed: (outcome: ApplyOutcome) => void;
  /** Of `watch`: the source could not be read; what was applied is kept up. */
  readonly sourceFailed: (error: unknown) => void;
}

const pollMs = 100;

/**
 * Applies a source by the agent's own engine, without a hub: inventory, stages, take-over, prune and health are the same.
 * Resolves when it is applied, with `wait` when it is healthy, with `watch` when the signal is aborted: then good is what was
 * not stuck, and undefined that there was nothing to say yet. Rejects when the source or the cluster cannot be had.
 */
export async function applyAlone(
  config: ApplyConfig,
  events: ApplyEvents,
  signal: AbortSignal,
): Promise<ApplyOutcome | undefined> {
  await using stack = new AsyncDisposableStack();
  const scratch = await scratchFolder(stack);
  const source = stack.use(await openSource(config, scratch));
  const content = await source.resolve(signal);
  const session = await startSession({ config, source, scratch, log: events.log }, stack, signal);
  await session.accept(content, signal);
  if (config.watch) return await follow({ config, source, events, session }, content, signal);
  return await session.settle(content, signal);
}

/** One engine with one row. */
interface AloneSession {
  accept(content: Content, signal: AbortSignal): Promise<void>;
  /** Resolves when the content is where it was asked to be, or cannot get there. */
  settle(content: Content, signal: AbortSignal): Promise<ApplyOutcome>;
  now(content: Content): ApplyOutcome | undefined;
  readonly clock: Clock;
}

interface Start {
  readonly config: ApplyConfig;
  readonly source: Source;
  readonly scratch: string;
  readonly log: Logger;
}

async function startSession(
  { config, source, scratch, log }: Start,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<AloneSession> {
  const clock = systemClock();
  const name = setName(config.name);
  const kube = await openCluster(config, stack);
  const uid = await systemUid(kube, signal);
  const folder = config.stateDir === undefined ? join(scratch, 'state') : join(config.stateDir, name);
  stack.use(await lockDataFolder(folder, 'flotilla-agent'));
  const store = await openFolderStore(join(folder, 'records'));
  const { rows } = await openHeldRows(store, { encode: encodeStoredRow, parse: parseStoredRow }, signal);
  const engine = startEngine({
    ports: {
      ...{ clock, random: cryptoRandom(), kube, content: source.port, store },
      ...openRenderers(config),
      ...{ status: nobodyAsks, credentials: none },
    },
    heldRows: rows,
    session: {
      incarnation: () => 1,
      sendReport: () => true,
      heardAtMs: () => undefined,
      onWantReport: () => () => undefined,
    },
    config: {
      agentVersion: programVersion,
      owner: aloneOwner(uid),
      clusterName: 'this cluster',
      namespace: config.agentNamespace,
      resyncMs: 600_000,
      streamFallbackMs: 3_600_000,
      apiParallelism: 16,
      assignmentParallelism: 1,
      isSimulated: false,
    },
    log,
  });
  stack.use(engine);
  return sessionOf({ config, engine, rows, clock });
}

function sessionOf(parts: {
  readonly config: ApplyConfig;
  readonly engine: Engine;
  readonly rows: HeldRows;
  readonly clock: Clock;
}): AloneSession {
  const { config, engine, rows, clock } = parts;
  const name = setName(config.name);
  let row: AssignmentRow | undefined;

  function now(content: Content): ApplyOutcome | undefined {
    const report = engine.reports().find((one) => one.placement === name);
    if (report === undefined || report.version.seq !== row?.version.seq) return undefined;
    return { report, commit: content.commit.id, isGood: isReached(report, config) };
  }

  return {
    clock,
    now,
    async accept(content, signal) {
      const seq = Math.max(Math.floor(clock.wallMs() / 1_000), (rows.get(name)?.version.seq ?? 0) + 1);
      row = rowFor(content, config, seq);
      await rows.accept([row], signal);
    },
    async settle(content, signal) {
      const untilMs = clock.nowMs() + config.timeoutMs;
      for (;;) {
        const outcome = now(content);
        if (outcome !== undefined && (outcome.isGood || isStuck(outcome.report))) return outcome;
        if (clock.nowMs() > untilMs) return lateOutcome(outcome, config);
        await clock.sleep(pollMs, signal);
      }
    },
  };
}

function lateOutcome(outcome: ApplyOutcome | undefined, config: ApplyConfig): ApplyOutcome {
  if (outcome !== undefined) return outcome;
  const text = `nothing was heard of ${config.name} within the timeout`;
  throw new FlotillaError(text, { code: 'TIMEOUT', retry: 'backoff' });
}

/** Applied, prunes and all; with `wait` also healthy. */
function isReached(report: AssignmentReport, { wait }: ApplyConfig): boolean {
  if (report.state === 'Ready') return true;
  const { total, applied, pruning } = report.counts;
  return !wait && report.phase === 'verifying' && applied === total && pruning === 0;
}

function isStuck({ state }: AssignmentReport): boolean {
  return state === 'Stalled' || state === 'Degraded';
}

function rowFor(content: Content, config: ApplyConfig, seq: number): AssignmentRow {
  const { takeover, createNamespace, prune, timeoutMs, name } = config;
  const wish = { takeOver: takeover, createNamespace, prunes: prune, deadlineMs: timeoutMs };
  return {
    kind: 'assignment',
    placement: setName(name),
    version: { epoch: 1, seq },
    proof: noProof,
    cause: { kind: 'commit', commit: content.commit.id },
    mode: 'update',
    // Names a rollout for the records; there is none.
    rollout: `${name}-1` as RolloutId,
    suspension: undefined,
    permittedPrune: undefined,
    variant: variantOf(content, config, wish),
    credential: undefined,
  };
}

async function follow(
  parts: {
    readonly config: ApplyConfig;
    readonly source: Source;
    readonly events: ApplyEvents;
    readonly session: AloneSession;
  },
  first: Content,
  signal: AbortSignal,
): Promise<ApplyOutcome | undefined> {
  const { config, source, events, session } = parts;
  let content = first;
  let told = '';
  let lookedAtMs = session.clock.nowMs();
  while (!signal.aborted) {
    const outcome = session.now(content);
    const said =
      outcome === undefined
        ? told
        : JSON.stringify([outcome.report.state, outcome.report.text, outcome.commit]);
    if (outcome !== undefined && said !== told) events.changed(outcome);
    told = said;
    await session.clock.sleep(pollMs, signal).catch(() => undefined);
    if (signal.aborted || session.clock.nowMs() - lookedAtMs < config.intervalMs) continue;
    lookedAtMs = session.clock.nowMs();
    try {
      const next = await source.resolve(signal);
      if (next.commit.id !== content.commit.id) await session.accept(next, signal);
      content = next;
    } catch (error) {
      if (!signal.aborted) events.sourceFailed(error);
    }
  }
  const last = session.now(content);
  return last && { ...last, isGood: !isStuck(last.report) };
}

/** Reports go nowhere: they are read from the engine. */
const nobodyAsks: StatusSink = {
  publish: async () => undefined,
  isConnected: true,
  close: async () => undefined,
};

/** The source has its credentials by itself. */
const none: CredentialStore = { find: async () => undefined };

/** One line, or a document in JSON. */
export function printOutcome(outcome: ApplyOutcome, output: ApplyConfig['output']): string {
  const { report, commit, isGood } = outcome;
  const { placement, state, reason, text, counts, failing, drift, heldPrune } = report;
  if (output === 'json')
    return `${JSON.stringify({ name: placement, isGood, commit, state, reason, text, counts, failing, drift, heldPrune }, null, 2)}\n`;
  const numbers = `${counts.applied} of ${counts.total} applied, ${counts.healthy} healthy`;
  const why = reason === '' ? '' : `; ${reason}: ${text}`;
  return `${placement}: ${state} (${numbers}${why})\n`;
}
