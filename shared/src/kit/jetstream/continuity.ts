import { FlotillaError } from '../../base/index.ts';
import type { Logger } from '../logger.ts';
import type { Bus } from '../nats/index.ts';
import { apiNumbers, JetStreamRefusedError } from './jetstream-error.ts';
import { messageAt, type StoredMessage, streamBounds } from './read-message.ts';

/** The stream no longer holds what was read from it: its store was lost, restored to an older state, or replaced. */
export class StreamLostError extends FlotillaError {
  override readonly name = 'StreamLostError';
}

/** How far a follower has come. */
export interface Place {
  /** Sequence of the last message that was yielded; undefined = last values are still to be asked for. */
  lastSeq: number | undefined;
  /** That message. */
  last: StoredMessage | undefined;
  /** When the stream was made. */
  created: string | undefined;
  /** End of the stream at the first attach: caught up there. */
  endSeq: number | undefined;
  isCaughtUp: boolean;
  /** How often in a row the server said that there is no such stream. */
  timesGone: number;
}

/** So often, with the pauses between two attaches: servers that start may not know their streams for a moment. */
const timesGoneMax = 8;

/** What continuity is checked with; see FollowOptions. */
export interface ContinuityOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly log: Logger;
  readonly onLost: 'fail' | 'restart';
  readonly remake?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** Throws StreamLostError when the stream is not the one that was read so far, or forgets the place so that it starts anew. */
export async function checkContinuity(
  options: ContinuityOptions,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  const { bus, stream } = options;
  const bounds = await boundsUnlessGone(options, place, signal);
  place.timesGone = 0;
  const problem = await discontinuity(bus, stream, { place, bounds });
  if (problem !== undefined && options.onLost === 'fail') {
    throw new StreamLostError(`stream ${stream} ${problem}`, { code: 'STREAM_LOST', retry: 'never' });
  }
  if (problem !== undefined) {
    options.log.warn('stream was lost, its last values are read again', { stream, reason: problem });
    place.lastSeq = undefined;
    place.last = undefined;
  }
  place.created = bounds.created;
  place.endSeq ??= bounds.lastSeq;
}

/** A stream that stays gone is made again, or is lost for who must not miss it. */
async function boundsUnlessGone(
  { bus, log, onLost, remake, stream }: ContinuityOptions,
  place: Place,
  signal: AbortSignal,
): ReturnType<typeof streamBounds> {
  try {
    return await streamBounds(bus, stream);
  } catch (error) {
    const isGone = error instanceof JetStreamRefusedError && error.number === apiNumbers.streamNotFound;
    if (!isGone) throw error;
    place.timesGone += 1;
    if (place.timesGone < timesGoneMax) throw error;
    if (onLost === 'restart' && remake !== undefined) {
      log.warn('stream is gone, and is made again', { stream });
      await remake(signal);
      return await streamBounds(bus, stream);
    }
    if (place.created === undefined || onLost !== 'fail') throw error;
    const text = `stream ${stream} is gone, but was read up to ${place.lastSeq ?? 0}`;
    throw new StreamLostError(text, { code: 'STREAM_LOST', retry: 'never', cause: error });
  }
}

interface Checked {
  readonly place: Place;
  readonly bounds: Awaited<ReturnType<typeof streamBounds>>;
}

async function discontinuity(
  bus: Bus,
  stream: string,
  { place, bounds }: Checked,
): Promise<string | undefined> {
  const { lastSeq = 0, last, created } = place;
  if (created !== undefined && created !== bounds.created) return `was made anew at ${bounds.created}`;
  if (bounds.lastSeq < lastSeq) return `ends at ${bounds.lastSeq}, but was read up to ${lastSeq}`;
  if (last === undefined) return undefined;
  const found = await messageAt(bus, stream, last.seq);
  // Gone is fine where newer values replace older ones; where nothing is ever removed the stream itself denies it.
  if (found === undefined || Buffer.compare(found.data, last.data) === 0) return undefined;
  return `holds another message at ${last.seq} than was read there`;
}
