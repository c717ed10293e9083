import { readFile } from 'node:fs/promises';
import { type Logger, programVersion, systemClock } from '@flotilla/shared/kit';
import type { AgentConfig } from '../config.ts';
import { EnrolmentError, enrol, readIdentity } from '../io/enrolment/index.ts';
import type { AgentIdentity, StateStore } from '../ports.ts';

const joinRetryMs = 5_000;

/** The kept identity, or a new one by the join line; a hub that cannot be reached is waited for. */
export async function ensureIdentity(
  { config, log }: { readonly config: AgentConfig; readonly log: Logger },
  parts: { readonly store: StateStore; readonly kubeSystemUid: string },
  signal: AbortSignal,
): Promise<AgentIdentity> {
  const kept = await readIdentity(parts.store, signal);
  if (kept) return kept;
  const joinLine =
    config.joinFile === undefined ? config.join : (await readFile(config.joinFile, 'utf8')).trim();
  if (joinLine === undefined) {
    throw new EnrolmentError(
      'this agent belongs to no fleet yet: give --join LINE, which "flotilla cluster join-command NAME" prints',
      { code: 'NOT_JOINED', retry: 'never' },
    );
  }
  for (;;) {
    try {
      const joined = await enrol({ joinLine, agentVersion: programVersion, ...parts }, signal);
      log.info('joined', {
        cluster: joined.clusterName,
        cluster_uid: joined.clusterUid,
        hub_id: joined.hubId,
      });
      return joined;
    } catch (error) {
      signal.throwIfAborted();
      if (!isWorthWaiting(error)) throw error;
      log.warn('cannot join yet, trying again', { delay_ms: joinRetryMs, error });
      await systemClock().sleep(joinRetryMs, signal);
    }
  }
}

function isWorthWaiting(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retry' in error && error.retry !== 'never';
}
