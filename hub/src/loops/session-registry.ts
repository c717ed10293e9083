import type { ClusterUid } from '@flotilla/shared/base';
import type { Hello } from '@flotilla/shared/model';
import { type FenceVerdict, isNewerStream, judgeNewcomer, type KnownStream } from '../core/index.ts';
import type { SessionStream } from './session-stream.ts';

type Known = KnownStream & { readonly stream: SessionStream | undefined };

/** What is known of a cluster's streams besides those of this process. */
export interface OtherStreams {
  readonly report: { readonly incarnation: number } | undefined;
  /** Newest one at another hub process. */
  readonly elsewhere: KnownStream | undefined;
}

/** Which stream counts for each cluster, and the newest one known even when none is open. */
export class SessionRegistry {
  readonly #known = new Map<ClusterUid, Known>();

  /** The cluster's current stream. */
  streamOf(uid: ClusterUid): SessionStream | undefined {
    return this.#known.get(uid)?.stream;
  }

  /** Whether a cluster's current stream here is older than another one. */
  isOvertaken(uid: ClusterUid, by: Pick<KnownStream, 'incarnation' | 'session'>): boolean {
    const known = this.#known.get(uid);
    return known?.stream !== undefined && isNewerStream(by, known);
  }

  /** Whether a new stream is newer than every one known: here, at another hub process, or from a report. */
  judge(uid: ClusterUid, hello: Hello, other: OtherStreams): FenceVerdict {
    const { elsewhere, report } = other;
    const here = this.#known.get(uid);
    const isElsewhereNewer =
      elsewhere !== undefined && (here === undefined || isNewerStream(elsewhere, here));
    const known = isElsewhereNewer ? elsewhere : here;
    const isReportNewer = report !== undefined && report.incarnation > (known?.incarnation ?? 0);
    const newest = isReportNewer ? { incarnation: report.incarnation, session: 0, isLive: false } : known;
    return judgeNewcomer(newest, hello);
  }

  /** Makes a stream the cluster's current one; returns the stream that it replaces. */
  take(stream: SessionStream, hello: Hello): SessionStream | undefined {
    const before = this.#known.get(stream.uid)?.stream;
    const { incarnation, session } = hello;
    this.#known.set(stream.uid, { incarnation, session, isLive: true, stream });
    return before === stream ? undefined : before;
  }

  /** A stream is over; true when it was the current one. */
  release(stream: SessionStream): boolean {
    const known = this.#known.get(stream.uid);
    if (known?.stream !== stream) return false;
    this.#known.set(stream.uid, { ...known, isLive: false, stream: undefined });
    return true;
  }

  /** Fencing outlives a stream, but not the registration. */
  forget(isRegistered: (uid: ClusterUid) => boolean): void {
    for (const [uid, known] of this.#known) if (!known.isLive && !isRegistered(uid)) this.#known.delete(uid);
  }
}
