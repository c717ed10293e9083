import { type ClusterUid, type PlacementName, sha256Hex } from '@flotilla/shared/base';

/**
 * How long played clusters take until what they hold is Ready: an application needs its own time everywhere, some clusters a
 * little more and others a little less. The same words give the same times.
 */
export interface Pace {
  /** Drawn anew with each other word. */
  readonly seed: string;
}

/** What an application needs, milliseconds. */
const applicationMs = { least: 2_000, most: 8_000 };
/** Share of it that a cluster needs. */
const share = { least: 0.8, most: 1.25 };

/** What `paceMs` gives, for people. */
export const paceText = 'Ready 2 to 8 s after its row by application, times 0.8 to 1.25 by cluster';

/** From holding a row of a placement to Ready, milliseconds; at once without a pace. */
export function paceMs(pace: Pace | undefined, placement: PlacementName, cluster: ClusterUid): number {
  if (pace === undefined) return 0;
  const own = between(applicationMs, `${pace.seed} ${placement}`);
  return Math.round(own * between(share, `${pace.seed} ${placement} ${cluster}`));
}

function between({ least, most }: { readonly least: number; readonly most: number }, word: string): number {
  const drawn = Number.parseInt(sha256Hex(word).slice(0, 8), 16) / 2 ** 32;
  return least + drawn * (most - least);
}
