import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { FlotillaError } from '../../base/index.ts';
import { busErrorOf } from '../nats/bus-error.ts';
import { type Bus, BusError } from '../nats/index.ts';

/** The server answered that it will not do this; trying the same again does not help. */
export class JetStreamRefusedError extends FlotillaError {
  override readonly name = 'JetStreamRefusedError';
  /** JetStream's error number. */
  readonly number: number;

  constructor(message: string, number: number, cause?: unknown) {
    super(message, { code: 'JETSTREAM_REFUSED', retry: 'never', cause });
    this.number = number;
  }
}

/** JetStream's error numbers that we act on (nats-server, server/errors.json). */
export const apiNumbers = {
  streamNotFound: 10_059,
  messageNotFound: 10_037,
  wrongLastSequence: 10_071,
  wrongLastSequenceUnknown: 10_164,
  /** A message of the batch was lost on the way. */
  batchIncomplete: 10_176,
  clusterNoPeers: 10_005,
  clusterNotAvailable: 10_008,
  clusterNotActive: 10_006,
  insufficientResources: 10_023,
} as const;

/** Answers that pass: the cluster elects a leader, or is short of something for the moment. */
const passing: ReadonlySet<number> = new Set([
  apiNumbers.clusterNoPeers,
  apiNumbers.clusterNotAvailable,
  apiNumbers.clusterNotActive,
  apiNumbers.insufficientResources,
]);

/** Whether the same request may succeed later. */
export function isPassing(number: number): boolean {
  return passing.has(number);
}

const callMs = 10_000;

/**
 * One call of the library's manager. Ends at once when the connection is lost: the library itself would wait for the
 * answer until its timeout. Rejects with what the library throws, or with BusError.
 */
export async function manage<Answer>(
  bus: Bus,
  call: (manager: JetStreamManager) => Promise<Answer>,
): Promise<Answer> {
  return await untilLost(bus, async () => {
    return await call(await jetstreamManager(bus.connection, { checkAPI: false, timeout: callMs }));
  });
}

/** Runs something that asks the server, and rejects at once when the connection is down or gets lost meanwhile. */
export async function untilLost<Answer>(bus: Bus, ask: () => Promise<Answer>): Promise<Answer> {
  if (bus.isClosed) throw new BusError('BUS_CLOSED', 'the connection was closed');
  if (!bus.isConnected) throw new BusError('BUS_AWAY', 'the bus is away');
  const lost = Promise.withResolvers<never>();
  const off = bus.onConnection(() =>
    lost.reject(new BusError('BUS_OUTCOME_UNKNOWN', 'the connection was lost')),
  );
  try {
    const answer = ask();
    // It may lose the race and fail later, when nobody listens any more.
    answer.catch(() => {});
    return await Promise.race([answer, lost.promise]);
  } finally {
    off();
  }
}

/** What a management call threw, in our words; `what` says what was attempted on what. */
export function jetStreamErrorOf(caught: unknown, what: string): FlotillaError {
  if (caught instanceof FlotillaError) return caught;
  if (!(caught instanceof JetStreamApiError)) return busErrorOf(caught, what);
  if (isPassing(caught.code)) {
    return new FlotillaError(what, { code: 'JETSTREAM_AWAY', retry: 'backoff', cause: caught });
  }
  return new JetStreamRefusedError(what, caught.code, caught);
}

/** JetStream's error number of what was thrown; undefined when it is something else. */
export function numberOf(caught: unknown): number | undefined {
  return caught instanceof JetStreamApiError ? caught.code : undefined;
}
