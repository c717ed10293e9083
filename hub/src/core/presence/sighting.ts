import type { KnownStream } from '../session/index.ts';
import type { Heard } from './presence.ts';

/** A stream of a cluster as one hub process sees it: its own, or one of which another process tells. */
export interface Sighting {
  readonly incarnation: number;
  readonly session: number;
  /** Newest report that the agent has named on this stream; undefined = none yet. */
  readonly announcedSeq: number | undefined;
  readonly heard: Heard;
}

/**
 * Of two streams of one cluster the newer one counts, whichever process holds it. Of the same one what was heard later;
 * a stream lives in one process, so this only makes the order of asking not matter.
 */
export function newerSighting<Left extends Sighting, Right extends Sighting>(
  left: Left | undefined,
  right: Right | undefined,
): Left | Right | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const order =
    left.incarnation - right.incarnation ||
    left.session - right.session ||
    left.heard.lastHeardMs - right.heard.lastHeardMs ||
    (left.announcedSeq ?? -1) - (right.announcedSeq ?? -1);
  return order >= 0 ? left : right;
}

/** A sighting as newcomers are fenced by it. */
export function streamOf({ incarnation, session, heard }: Sighting): KnownStream {
  return { incarnation, session, isLive: heard.isOpen };
}

/** Whether a stream is newer than another one of the same cluster. */
export function isNewerStream(
  stream: Pick<Sighting, 'incarnation' | 'session'>,
  than: Pick<Sighting, 'incarnation' | 'session'>,
): boolean {
  return (stream.incarnation - than.incarnation || stream.session - than.session) > 0;
}
