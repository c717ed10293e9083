import type { ClusterUid } from '@flotilla/shared/base';
import type { Decision } from '@flotilla/shared/model';

/** More names than any fleet has clusters: those that left in years are forgotten. */
const uidsMax = 100_000;

/**
 * Makes equal uids of all decisions one text in memory. Each event that is read names its clusters by texts of its own, and what
 * is folded keeps them: a fleet of 1,000 placements on 1,000 clusters would hold some million.
 */
export class SharedUids {
  readonly #known = new Map<ClusterUid, ClusterUid>();

  /** The decision with shared uids in its long lists. */
  in(decision: Decision): Decision {
    switch (decision.kind) {
      case 'rollout-planned': {
        const waves = decision.waves.map((wave) => ({ ...wave, clusters: this.#all(wave.clusters) }));
        return { ...decision, waves };
      }
      case 'wave-opened':
      case 'clusters-started':
        return { ...decision, clusters: this.#all(decision.clusters) };
      case 'budget-changed': {
        const { frees, takes } = decision;
        return {
          ...decision,
          takes: { ...takes, clusters: this.#all(takes.clusters) },
          frees: frees.map((share) => ({ ...share, clusters: this.#all(share.clusters) })),
        };
      }
      default:
        return decision;
    }
  }

  #all(uids: readonly ClusterUid[]): readonly ClusterUid[] {
    return uids.map((uid) => {
      const known = this.#known.get(uid);
      if (known !== undefined) return known;
      if (this.#known.size >= uidsMax) this.#known.clear();
      this.#known.set(uid, uid);
      return uid;
    });
  }
}
