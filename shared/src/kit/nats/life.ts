import { BusError, busErrorOf } from './bus-error.ts';

/** State of an open connection. */
export interface Life {
  isUp: boolean;
  /** Rejects what waits for an answer when the connection goes down. */
  readonly waiting: Set<(error: BusError) => void>;
  readonly listeners: Set<(isConnected: boolean) => void>;
  /** What the server refused to take since the last flush. */
  refused: Error | undefined;
}

/** Marks the connection as up or down; what waits for an answer is told that it will never come. */
export function setUp(life: Life, isUp: boolean, why: string): void {
  if (life.isUp === isUp) return;
  life.isUp = isUp;
  if (!isUp) for (const reject of life.waiting) reject(new BusError('BUS_OUTCOME_UNKNOWN', why));
  for (const listener of [...life.listeners]) listener(isUp);
}

/** Waits for an answer, but only as long as the signal and the connection live. */
export async function untilCut<Answer>(
  life: Life,
  { answer, what }: { readonly answer: Promise<Answer>; readonly what: string },
  signal: AbortSignal,
): Promise<Answer> {
  const cut = Promise.withResolvers<never>();
  const onAbort = (): void => cut.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  life.waiting.add(cut.reject);
  // It may lose the race and fail later, when nobody listens any more.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, cut.promise]);
  } catch (caught) {
    signal.throwIfAborted();
    throw busErrorOf(caught, what);
  } finally {
    life.waiting.delete(cut.reject);
    signal.removeEventListener('abort', onAbort);
  }
}
