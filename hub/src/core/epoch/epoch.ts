import type { EpochDecision } from '@flotilla/shared/model';

/** The fleet's epoch, as the epoch's subject of the log says. */
export interface Epoch {
  /** 0 before the first event. */
  readonly epoch: number;
  /** What the next append to the subject must expect; 0 = nothing in the log. */
  readonly lastSeq: number;
  /** Why nothing may start until a person has looked: the last raise, unless it was confirmed. Undefined = it may. */
  readonly unconfirmed: { readonly text: string; readonly sinceMs: number } | undefined;
}

/** Before the log was read. */
export const noEpoch: Epoch = { epoch: 0, lastSeq: 0, unconfirmed: undefined };

/**
 * Takes an event of the epoch's subject. A fleet that begins needs nobody's word; every later raise does. A confirmation
 * counts only for the epoch that it names.
 */
export function foldEpoch(
  before: Epoch,
  stored: { readonly seq: number; readonly storedAtMs: number; readonly payload: EpochDecision },
): Epoch {
  const { payload, seq, storedAtMs } = stored;
  if (seq <= before.lastSeq) return before;
  if (payload.kind === 'epoch-confirmed') {
    const isThis = payload.epoch === before.epoch;
    return { ...before, lastSeq: seq, unconfirmed: isThis ? undefined : before.unconfirmed };
  }
  const unconfirmed = payload.epoch <= 1 ? undefined : { text: payload.text, sinceMs: storedAtMs };
  return { epoch: payload.epoch, lastSeq: seq, unconfirmed };
}

/**
 * The epoch that a loss calls for: above every one that is authenticated, so that rows made from here on are newer than
 * all that agents hold. Undefined = a raise that answers this loss is in the log already.
 */
export function raisedEpoch(
  current: Epoch,
  loss: {
    /** Highest epoch that an agent's proven claims named. */
    readonly claimed: number;
    /** The epoch in force when the loss was seen. */
    readonly seenAt: number;
  },
): number | undefined {
  if (current.epoch > Math.max(loss.seenAt, loss.claimed)) return undefined;
  return Math.max(current.epoch, loss.seenAt, loss.claimed) + 1;
}
