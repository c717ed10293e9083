import type { Json } from '@flotilla/shared/base';
import { FlotillaError } from '@flotilla/shared/base';
import type { StateStore } from '../ports.ts';

/** Which life of the agent's store this is, and how many streams it has opened. */
export interface SessionCounters {
  readonly incarnation: number;
  readonly session: number;
}

/** The counters were written by a newer program (code COUNTERS_FORMAT_TOO_NEW). */
export class SessionCountersError extends FlotillaError {
  override readonly name = 'SessionCountersError';
}

const key = 'counters';
const format = 1;

/**
 * The counters in the store. A store without them, or with unreadable ones, begins a new life: when the hub knows an
 * older one it says so, and the agent becomes newer than that.
 */
export async function readCounters(store: StateStore, signal: AbortSignal): Promise<SessionCounters> {
  const value = await readValue(store, signal);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return beginning;
  // Not an array: Array.isArray does not narrow readonly arrays away.
  const record = value as { readonly [field: string]: Json | undefined };
  if (typeof record['format'] === 'number' && record['format'] > format) {
    throw new SessionCountersError(
      `the counters have format ${record['format']}; this program knows formats up to ${format}: start the newer program again`,
      { code: 'COUNTERS_FORMAT_TOO_NEW', retry: 'never' },
    );
  }
  const { incarnation, session } = record;
  return isCount(incarnation) && isCount(session) && incarnation > 0 ? { incarnation, session } : beginning;
}

/** Makes the counters durable. */
export async function writeCounters(
  store: StateStore,
  counters: SessionCounters,
  signal: AbortSignal,
): Promise<void> {
  await store.write(key, { format, ...counters }, signal);
}

const beginning: SessionCounters = { incarnation: 1, session: 0 };

async function readValue(store: StateStore, signal: AbortSignal): Promise<Json | undefined> {
  try {
    return await store.read(key, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
