import type { Clock, ClusterUid, Random } from '@flotilla/shared/base';
import { backoffMs, errorCode, isAbort } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { Cluster, Report } from '@flotilla/shared/model';
import type { Bucket, DecisionLog, StatusStream, StoredStatus } from '../ports.ts';
import type { Fleet } from './fleet.ts';

/** What the three ingesting loops need. */
export interface IngestDeps {
  readonly fleet: Fleet;
  readonly decisions: DecisionLog;
  readonly status: StatusStream;
  readonly clusters: Bucket;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Reads a registration record: the cluster, or undefined when it says that a person removed it. Throws on what it cannot read. */
  readonly readRegistration: (key: string, value: unknown) => Cluster | undefined;
  /** Decodes a status message; undefined = malformed or not of this cluster (counted there). */
  readonly decodeStatus: (stored: StoredStatus) => Promise<Report | undefined>;
  /** Told when status flows (true) or broke (false). */
  readonly onStatusFlow: (flows: boolean) => void;
  /** Told when the log is followed (true) or broke (false). */
  readonly onLogFlow: (flows: boolean) => void;
  /** Told when the log no longer holds what was folded from it: what is in memory is of no use then. Absent = it is read again for ever. */
  readonly onLogLost?: (error: unknown) => void;
}

const backoff = { baseMs: 200, capMs: 10_000 };

/** Follows the decision log from its start; after a break from where it stood, so nothing is folded twice or left out. */
export async function ingestDecisions(deps: IngestDeps, signal: AbortSignal): Promise<void> {
  const { fleet } = deps;
  await follow(
    deps,
    { name: 'decisions', onFlow: deps.onLogFlow, onLost: deps.onLogLost },
    signal,
    async (flowing) => {
      for await (const item of deps.decisions.follow(fleet.position.foldedSeq + 1, signal)) {
        if (!('kind' in item)) {
          fleet.foldDecision(item);
          continue;
        }
        if (!fleet.position.isLogFolded) fleet.logFolded();
        flowing();
      }
    },
  );
}

/** Follows the reports: last values first, then what comes. */
export async function ingestStatus(deps: IngestDeps, signal: AbortSignal): Promise<void> {
  await follow(deps, { name: 'status', onFlow: deps.onStatusFlow }, signal, async (flowing) => {
    for await (const item of deps.status.follow(signal)) {
      if ('kind' in item) {
        if (!deps.fleet.position.isStatusRead) deps.fleet.statusRead();
        flowing();
        continue;
      }
      const report = await deps.decodeStatus(item);
      if (report) deps.fleet.foldReport(item.uid, report, item.storedAtMs);
    }
  });
}

/** Follows the registrations. */
export async function ingestClusters(deps: IngestDeps, signal: AbortSignal): Promise<void> {
  const { fleet } = deps;
  await follow(deps, { name: 'clusters', onFlow: () => {} }, signal, async (flowing) => {
    for await (const item of deps.clusters.watch(signal)) {
      if ('kind' in item) {
        if (!fleet.position.isRegistryRead) fleet.registryRead();
        flowing();
        continue;
      }
      // Keys of this bucket are the uids that enrolment made.
      const uid = item.key as ClusterUid;
      const cluster = item.value === undefined ? undefined : deps.readRegistration(item.key, item.value);
      fleet.setRegistration(uid, cluster, deps.clock.wallMs());
    }
  });
}

/** Runs a follower for ever: what breaks is said, waited for and started again. */
async function follow(
  deps: Pick<IngestDeps, 'clock' | 'random' | 'log'>,
  stream: {
    readonly name: string;
    readonly onFlow: (flows: boolean) => void;
    readonly onLost?: IngestDeps['onLogLost'] | undefined;
  },
  signal: AbortSignal,
  run: (flowing: () => void) => Promise<void>,
): Promise<void> {
  let attempt = 0;
  while (!signal.aborted) {
    try {
      await run(() => {
        attempt = 0;
        stream.onFlow(true);
      });
    } catch (error) {
      if (signal.aborted && isAbort(error)) return;
      if (stream.onLost !== undefined && isStreamLost(error)) {
        stream.onFlow(false);
        stream.onLost(error);
        return;
      }
      deps.log.warn('following broke, starting again', { stream: stream.name, error });
    }
    if (signal.aborted) return;
    stream.onFlow(false);
    await pause(deps, attempt, signal);
    attempt += 1;
  }
}

/** A lost part of the stream; a payload that is missing beside it stays missing for a process that begins anew. */
function isStreamLost(error: unknown): boolean {
  return (
    errorCode(error) === 'LOG_LOST' && error instanceof Error && errorCode(error.cause) === 'STREAM_LOST'
  );
}

async function pause(
  deps: Pick<IngestDeps, 'clock' | 'random'>,
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await deps.clock.sleep(backoffMs(attempt, backoff, deps.random), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
