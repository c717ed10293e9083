import {
  adviceOf,
  describeError,
  digestOf,
  err,
  errorCode,
  type GitId,
  type Json,
  ok,
  type Result,
} from '@flotilla/shared/base';
import { type PlanPreview, problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, PlanRequest } from '../api-port.ts';
import {
  dependencyOf,
  evidenceFor,
  handOverOf,
  heirsIn,
  type PlanSide,
  type PlanStanding,
  planPreview,
  wantedIn,
} from '../core/index.ts';
import { starting } from './action-refusals.ts';
import { type SideDeps, sideInForce, sideOfCommit } from './preview-side.ts';
import { type EvidenceDeps, rolloutEvidence } from './rollout-evidence.ts';

/** What plans are made with. */
export interface PreviewDeps extends SideDeps, EvidenceDeps {
  readonly clock: { readonly wallMs: () => number };
}

/** So many plans are made at once: each looks at the whole fleet. */
const plansMax = 2;

/** Makes plans of commits that are not in force; reads Git and what this process knows, and decides nothing. */
export class Previews {
  readonly #deps: PreviewDeps;
  #running = 0;

  constructor(deps: PreviewDeps) {
    this.#deps = deps;
  }

  /** See api-port.ts. */
  async plan(request: PlanRequest, signal: AbortSignal): Promise<Result<PlanPreview, ActionRefusal>> {
    const { fleet } = this.#deps;
    const { adopted } = fleet.control;
    if (!fleet.isReady || adopted === undefined) return err(starting());
    if (this.#running >= plansMax) return err(busy());
    this.#running += 1;
    try {
      const { files } = this.#deps;
      const head = request.commit ?? (await this.#resolve(request.ref, signal));
      const inForce = await files.readInForce(adopted, signal);
      const after = await sideOfCommit(this.#deps, inForce, head, signal);
      const before = await sideInForce(this.#deps, inForce, signal);
      return ok(this.#preview(before, after));
    } catch (error) {
      signal.throwIfAborted();
      return err(notRead(request, error));
    } finally {
      this.#running -= 1;
    }
  }

  #resolve(ref: string | undefined, signal: AbortSignal): Promise<GitId> {
    const { git, ref: followed, remote } = this.#deps;
    return git.resolveRef(remote, ref ?? followed, signal);
  }

  #preview(before: PlanSide, after: PlanSide): PlanPreview {
    const { clock, fleet } = this.#deps;
    const nowMs = clock.wallMs();
    return planPreview({
      before,
      after,
      nowMs,
      standingOf: (name) => this.#standing(name, after, nowMs),
      nameOf: (uid) => fleet.snapshot.clusters.get(uid)?.cluster.name ?? uid,
      inputs: inputsOf(this.#deps),
    });
  }

  /** As it is, but waiting for what the new rule depends on, and for those who are to take its objects over. */
  #standing(name: Parameters<typeof rolloutEvidence>[1], after: PlanSide, nowMs: number): PlanStanding {
    const { fleet } = this.#deps;
    const { snapshot } = fleet;
    const { desired: _desired, ...evidence } = rolloutEvidence(this.#deps, name, nowMs);
    const dependsOn = after.placements.get(name)?.spec?.dependsOn ?? [];
    const heirs = heirsIn(after, name);
    const placements = new Map(
      heirs.map((heir) => [heir, { ...fleet.placementOf(heir), desired: wantedIn(after, heir) }]),
    );
    const leaving = { placement: name, heirs, adoptedSeq: 0 };
    return {
      state: fleet.placementOf(name).state,
      evidence: {
        ...evidence,
        clusterOf: (uid) => {
          const cluster = snapshot.clusters.get(uid);
          if (cluster === undefined) return undefined;
          const one = evidenceFor(cluster, name, dependencyOf(snapshot, cluster, dependsOn));
          return { ...one, handOver: handOverOf({ placements }, cluster, leaving) };
        },
      },
    };
  }
}

/** Whatever else decides what a plan comes to: clusters, and how far each log is. */
function inputsOf({ fleet }: PreviewDeps): string {
  const clusters = [...fleet.registered.values()].sort((left, right) => (left.uid < right.uid ? -1 : 1));
  const logs = [...fleet.snapshot.placements]
    .map(([name, { state }]) => [name, state.lastSeq] as const)
    .sort();
  // Clusters are plain data of the model; every member is JSON.
  return digestOf({ clusters, logs } as unknown as Json);
}

function notRead({ commit, ref }: PlanRequest, error: unknown): ActionRefusal {
  const what = commit ?? ref ?? 'the followed ref';
  const isMissing = errorCode(error) === 'GIT_REF_MISSING';
  return {
    kind: isMissing ? 'not-found' : 'unavailable',
    code: isMissing ? problemCodes.revisionUnknown : problemCodes.gitUnreadable,
    text: `the control repository cannot be read at ${what}`,
    cause: describeError(error),
    stillTrue: 'nothing was decided',
    next: adviceOf(error) ?? 'flotilla status',
  };
}

function busy(): ActionRefusal {
  return {
    kind: 'unavailable',
    code: problemCodes.gitUnreadable,
    text: `the hub makes ${plansMax} plans already`,
    cause: 'each looks at the whole fleet',
    stillTrue: 'nothing was decided',
    next: 'flotilla plan',
  };
}
