import type { Hello } from '@flotilla/shared/model';

/** The newest stream of a cluster that this process knows. */
export interface KnownStream {
  readonly incarnation: number;
  /** 0 when only a report told the incarnation. */
  readonly session: number;
  readonly isLive: boolean;
}

/** Whether a new stream may take over. */
export type FenceVerdict =
  | { readonly kind: 'newest' }
  /** `isLive`: the newer stream is open, so the newcomer must not learn how to overtake it. */
  | { readonly kind: 'fenced'; readonly known: KnownStream };

/** A stream is taken when it is newer by (incarnation, session) than every one known. */
export function judgeNewcomer(
  known: KnownStream | undefined,
  hello: Pick<Hello, 'incarnation' | 'session'>,
): FenceVerdict {
  if (known === undefined) return { kind: 'newest' };
  const order = hello.incarnation - known.incarnation || hello.session - known.session;
  return order > 0 ? { kind: 'newest' } : { kind: 'fenced', known };
}
