import { err, ok, type Result } from '@flotilla/shared/base';
import type { Cluster, Reasoned, Release, Variant } from '@flotilla/shared/model';
import { type FleetSpec, formatPlace, type LocatedError } from '../fleet-spec/index.ts';
import { excludedBy, type ResolvedPlacement, resolvePlacements } from '../placement/index.ts';
import { releaseOf, variantFor } from '../release/index.ts';
import { type RepositoryState, textsOf } from './repository-state.ts';
import { snapshotFor, thisRepository } from './sources.ts';

/** The rules of a state over some clusters: who gets what. */
export class Placing {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly #spec: FleetSpec;
  readonly #state: RepositoryState;
  readonly #placements: ReadonlyMap<string, ResolvedPlacement>;
  readonly #texts: ReturnType<typeof textsOf>;
  readonly #releases = new Map<string, Result<Release, readonly Reasoned[]>>();

  constructor(spec: FleetSpec, state: RepositoryState, clusters: readonly Cluster[]) {
    const resolved = resolvePlacements(spec, clusters);
    this.#spec = spec;
    this.#state = state;
    this.#texts = textsOf(state);
    this.clusters = new Map(resolved.clusters.map((one) => [one.name, one]));
    this.#placements = new Map(resolved.placements.map((one) => [one.spec.name, one]));
  }

  placement(name: string): ResolvedPlacement | undefined {
    return this.#placements.get(name);
  }

  /** What a cluster gets of a placement, or why it gets nothing. */
  variant(placement: ResolvedPlacement, cluster: Cluster): Variant | readonly Reasoned[] {
    const excluded = excludedBy(placement, cluster);
    if (excluded !== undefined) return excluded.reasons;
    const release = this.#release(placement);
    if (!release.ok) return release.error;
    const made = variantFor(release.value, cluster);
    return made.ok ? made.value : [made.error];
  }

  #release(placement: ResolvedPlacement): Result<Release, readonly Reasoned[]> {
    const { name } = placement.spec;
    const known = this.#releases.get(name) ?? this.#makeRelease(placement);
    this.#releases.set(name, known);
    return known;
  }

  #makeRelease(placement: ResolvedPlacement): Result<Release, readonly Reasoned[]> {
    const control = { ...thisRepository, tree: this.#state.tree };
    const step = releaseOf(placement, snapshotFor(this.#spec, placement.spec, control), this.#texts);
    const subject = placement.spec.name;
    if (step.kind === 'done') return ok(step.release);
    if (step.kind === 'need')
      return err([{ code: 'Unread', text: 'kustomization files that it needs were not read', subject }]);
    const reasonOf = (one: LocatedError) => ({
      code: one.code,
      text: `${formatPlace(one)} ${one.text}`,
      subject,
    });
    return err(step.errors.map(reasonOf));
  }
}
