import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster, ClusterFacts } from '@flotilla/shared/model';
import { asRulesSee, CelReader, type FleetSpec, factRulesIn } from '../core/index.ts';
import type { Fleet } from './fleet.ts';

/**
 * Facts of clusters as placing looked at them last. They stay the same while those of now come to the same for every
 * expression in force, so that agents that report cost no new look at the fleet.
 */
export class RuleFacts {
  readonly #reader = new CelReader();
  readonly #looked = new Map<ClusterUid, ClusterFacts | undefined>();
  #rules: readonly string[] = [];

  /** The registered clusters as rules see them, with facts where some expression reads any. */
  clusters(spec: FleetSpec, fleet: Fleet): readonly Cluster[] {
    const seen = asRulesSee(spec, fleet.registered.values());
    const rules = factRulesIn(spec, this.#reader);
    if (rules.join('\n') !== this.#rules.join('\n')) this.#looked.clear();
    this.#rules = rules;
    if (rules.length === 0) return seen;
    for (const uid of this.#looked.keys()) if (!fleet.registered.has(uid)) this.#looked.delete(uid);
    return seen.map((cluster) => ({ ...cluster, facts: this.#steady(cluster, fleet) }));
  }

  /** Whether what a cluster says of itself now may place something otherwise than at the last look. */
  matters(fleet: Fleet, uid: ClusterUid): boolean {
    const known = fleet.snapshot.clusters.get(uid);
    if (this.#rules.length === 0 || known === undefined) return false;
    return !this.#reader.isSameFor(this.#rules, known.cluster, [this.#looked.get(uid), fleet.facts.get(uid)]);
  }

  #steady(cluster: Cluster, fleet: Fleet): ClusterFacts | undefined {
    const before = this.#looked.get(cluster.uid);
    const now = fleet.facts.get(cluster.uid);
    const facts = this.#reader.isSameFor(this.#rules, cluster, [before, now]) ? before : now;
    this.#looked.set(cluster.uid, facts);
    return facts;
  }
}
