import { type Logger, programVersion, systemClock, validityOf } from '@flotilla/shared/kit';
import type { AgentConfig } from '../config.ts';
import { EnrolmentError, enrol, isJoinedBy, readIdentity } from '../io/enrolment/index.ts';
import type { AgentIdentity, StateStore } from '../ports.ts';
import { readJoinLine } from './join-line.ts';

const joinRetryMs = 5_000;

interface Joining {
  readonly config: AgentConfig;
  readonly log: Logger;
}

interface JoinParts {
  readonly store: StateStore;
  readonly kubeSystemUid: string;
}

/**
 * The kept identity, or a new one by the join line; a hub that cannot be reached is waited for. A join line that is not
 * the one of last time means that a person wants the agent to join again; when that does not work, it goes on as who it
 * was, as long as that is good for something.
 */
export async function ensureIdentity(
  joining: Joining,
  parts: JoinParts,
  signal: AbortSignal,
): Promise<AgentIdentity> {
  const kept = await readIdentity(parts.store, signal);
  const read = await readJoinLine(joining.config);
  const joinLine = read.ok ? read.value : undefined;
  if (kept === undefined) {
    if (!read.ok) throw new EnrolmentError(read.error, { code: 'JOIN_LINE', retry: 'never' });
    if (joinLine !== undefined) return await joinUntilDone(joining, { ...parts, joinLine }, signal);
    throw new EnrolmentError(
      'this agent belongs to no fleet yet: give --join LINE, which "flotilla cluster join-command NAME" prints',
      { code: 'NOT_JOINED', retry: 'never' },
    );
  }
  const isOver = validityOf(kept.certificateChainPem).notAfterMs <= systemClock().wallMs();
  if (isOver) {
    joining.log.error(
      'the identity of this agent has ended: join again with a token from "flotilla cluster join-command NAME --rejoin"',
      { cluster: kept.clusterName },
    );
  }
  // What is kept is good without the line it came by: its file may have been removed since.
  if (!read.ok) joining.log.warn('cannot read the join line, going on as before', { reason: read.error });
  if (joinLine === undefined) return kept;
  try {
    if (await isJoinedBy(parts.store, joinLine, signal)) return kept;
    return await joinOnce(joining, { ...parts, joinLine }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isOver) return await joinUntilDone(joining, { ...parts, joinLine }, signal);
    joining.log.error('cannot join again, going on as before', { cluster: kept.clusterName, error });
    return kept;
  }
}

async function joinOnce(
  { config, log }: Joining,
  parts: JoinParts & { readonly joinLine: string },
  signal: AbortSignal,
): Promise<AgentIdentity> {
  const joined = await enrol(
    {
      ...parts,
      agentVersion: programVersion,
      wishedName: config.clusterName,
      skipsPin: config.insecureSkipPin,
    },
    signal,
  );
  log.info('joined', {
    cluster: joined.clusterName,
    cluster_uid: joined.clusterUid,
    hub_id: joined.hubId,
  });
  return joined;
}

async function joinUntilDone(
  joining: Joining,
  parts: JoinParts & { readonly joinLine: string },
  signal: AbortSignal,
): Promise<AgentIdentity> {
  for (;;) {
    try {
      return await joinOnce(joining, parts, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isWorthWaiting(error)) throw error;
      const delayMs = Math.max(joinRetryMs, askedMsOf(error));
      joining.log.warn('cannot join yet, trying again', { delay_ms: delayMs, error });
      await systemClock().sleep(delayMs, signal);
    }
  }
}

function isWorthWaiting(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retry' in error && error.retry !== 'never';
}

function askedMsOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return 0;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0;
}
