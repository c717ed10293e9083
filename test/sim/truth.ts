import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import type { AgentProcess } from './agent-process.ts';
import type { ControlRepository } from './control-repository.ts';
import type { Said } from './reports.ts';
import type { Adoption } from './told.ts';
import { isIn, type Placed, type PlacementWish } from './wish.ts';

/** What a commit in force says of a placement. */
export interface Meaning {
  /** Undefined = no file in force names it. */
  readonly wish: PlacementWish | undefined;
  /** What its folder holds in that commit. */
  readonly tree: string | undefined;
  /** Whether it is to run on a cluster. */
  wants(uid: string): boolean;
}

/** What is so, whatever a hub believes: who was registered when, what agents said, what commits mean. */
export class Truth {
  /** Every state that a registration ever had, newest last; undefined = deleted. */
  readonly registrations = new Map<ClusterUid, (Cluster | undefined)[]>();
  readonly #agents = new Map<string, AgentProcess[]>();
  readonly #repository: ControlRepository;
  #registered = { least: Number.POSITIVE_INFINITY, most: 0 };

  constructor(repository: ControlRepository) {
    this.#repository = repository;
  }

  /** A registration changed. */
  register(uid: ClusterUid, cluster: Cluster | undefined): void {
    this.registrations.set(uid, [...(this.registrations.get(uid) ?? []), cluster]);
    const count = [...this.registrations.values()].filter((all) => all.at(-1) !== undefined).length;
    const { least, most } = this.#registered;
    this.#registered = { least: Math.min(least, count), most: Math.max(most, count) };
  }

  /** An agent of a cluster began; there may have been others before. */
  addAgent(agent: AgentProcess): void {
    this.#agents.set(agent.uid, [...(this.#agents.get(agent.uid) ?? []), agent]);
  }

  /** The newest state of a registration. */
  clusterNow(uid: string): Cluster | undefined {
    // Keys of the map are texts.
    return this.registrations.get(uid as ClusterUid)?.at(-1);
  }

  /** Whether a registration was ever deleted, or never there. */
  wasEverGone(uid: string): boolean {
    // Keys of the map are texts.
    return this.registrations.get(uid as ClusterUid)?.includes(undefined) ?? true;
  }

  /** Least and largest number of registered clusters so far. */
  get registered(): { readonly least: number; readonly most: number } {
    return this.#registered;
  }

  /** All that agents of a cluster said under a report's version; a lost disk may lead to the same numbers again. */
  said(uid: string, version: string): readonly Said[] {
    return (this.#agents.get(uid) ?? []).flatMap((agent) =>
      agent.reports.said.filter((one) => one.version === version),
    );
  }

  /** Whether an agent of a cluster ever said something that is so. */
  everSaid(uid: string, isSo: (said: Said) => boolean): boolean {
    return (this.#agents.get(uid) ?? []).some((agent) => agent.reports.said.some(isSo));
  }

  /** The last report that was made before a time. */
  newestSaid(uid: string, beforeMs: number): Said | undefined {
    return this.#agents
      .get(uid)
      ?.at(-1)
      ?.reports.said.findLast((one) => one.atMs <= beforeMs);
  }

  /** What a commit that came into force says of a placement. */
  meaning({ payload }: Adoption, placement: string): Meaning {
    const blob = payload.files[`fleet/${placement}.yaml`];
    const wish = blob === undefined ? undefined : this.#repository.placementIn(blob);
    const wants = (uid: string): boolean => {
      // Keys of the map are texts.
      const known = this.registrations.get(uid as ClusterUid)?.findLast((one) => one !== undefined);
      return wish !== undefined && known !== undefined && isIn(wish.scope, known);
    };
    // Names of placements come from the simulation's own files.
    return { wish, wants, tree: this.#repository.treeAt(payload.commit.id, placement as Placed) };
  }

  /** A label of a cluster; in this world labels never change. */
  labelOf(uid: string, label: string): string | undefined {
    // Keys of the map are texts.
    return this.registrations.get(uid as ClusterUid)?.findLast((one) => one !== undefined)?.labels[label];
  }

  /** A cluster as people call it. */
  nameOf(uid: string): string {
    // Keys of the map are texts.
    return this.registrations.get(uid as ClusterUid)?.find((one) => one !== undefined)?.name ?? uid;
  }
}
