import type {
  ActionRefusal,
  ChangeFeed,
  HubApi,
  ItemChange,
  ItemsWanted,
  JoinTokenRequest,
  RequestedBy,
  RolloutRequest,
} from '@flotilla/hub/api-port';
import {
  type ClusterName,
  type ClusterUid,
  err,
  ok,
  type Result,
  type RolloutId,
} from '@flotilla/shared/base';
import {
  type ApiItems,
  type AssignmentItem,
  type ClusterRemoved,
  type Described,
  type EpochConfirmed,
  type Explanation,
  formatJoinToken,
  type HubFacts,
  type ItemKind,
  type JoinTokenMade,
  type RolloutItem,
  type RolloutOperated,
  type SourceAccepted,
} from '@flotilla/shared/model';
import type { FakeAction } from './fake-action.ts';
import { explanationOf } from './fake-explanation.ts';
import { belongsTo, isOf, orderOf } from './fake-lists.ts';
import {
  afterwards,
  movedOn,
  notRunning,
  operatedItem,
  operatedTexts,
  unknownTarget,
} from './fake-operations.ts';
import { fakePlan } from './fake-plan.ts';
import { nameTaken, notWaiting, unknownCluster, waitingCommit } from './fake-refusals.ts';
import { fleetCommit, fleetNowMs } from './items.ts';

/** What the fake's facts are at first. */
export const fakeFacts: HubFacts = {
  hub: {
    version: '0.1.0+fake',
    hubId: 'a'.repeat(26),
    epoch: 1,
    decisionSeq: 42,
    startedAtMs: fleetNowMs - 3_600_000,
    notReady: [],
  },
  bus: { isConnected: true, sinceMs: fleetNowMs - 3_600_000, text: 'nats-server 2.15.2 (child process)' },
  control: {
    url: 'https://git.example/fleet.git',
    ref: 'main',
    commit: fleetCommit,
    errors: [],
    held: [],
    failure: undefined,
    readAtMs: fleetNowMs - 12_000,
  },
};

/** Starts empty. */
export class FakeHubApi implements HubApi {
  readonly #items: { readonly [Kind in ItemKind]: Map<string, ApiItems[Kind]> } = {
    clusters: new Map(),
    placements: new Map(),
    assignments: new Map(),
    rollouts: new Map(),
  };
  readonly #listeners = new Set<(change: ItemChange) => void>();
  readonly #actions: FakeAction[] = [];
  #facts = fakeFacts;
  #failure: Error | undefined;

  readonly changes: ChangeFeed = {
    subscribe: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    assignmentsOf: ({ kind, name }) => {
      const part = kind === 'assignments-of-cluster' ? 0 : 1;
      return [...this.#items.assignments.keys()].filter((one) => one.split('/')[part] === name);
    },
  };

  /** Actions taken, in order. */
  get actions(): readonly FakeAction[] {
    return this.#actions;
  }

  /** Puts a document in, or in place of the one of its name, and tells it. */
  put<Kind extends ItemKind>(kind: Kind, item: ApiItems[Kind]): void {
    const { name } = item.metadata;
    this.#items[kind].set(name, item);
    this.tell({ kind, name });
  }

  /** Takes a document away, and tells it. */
  drop(kind: ItemKind, name: string): void {
    this.#items[kind].delete(name);
    this.tell({ kind, name });
  }

  /** Changes the facts, and tells it. */
  setFacts(change: (facts: HubFacts) => HubFacts): void {
    this.#facts = change(this.#facts);
    this.tell({ kind: 'facts' });
  }

  /** Every action from now on rejects with this. */
  failActions(error: Error | undefined): void {
    this.#failure = error;
  }

  facts(): HubFacts {
    return this.#facts;
  }

  *items<Kind extends ItemKind>(kind: Kind, of: ItemsWanted): Iterable<ApiItems[Kind]> {
    const after = of.after === undefined ? undefined : orderOf(kind, of.after);
    const sorted = [...this.#items[kind].values()].sort((left, right) =>
      orderOf(kind, left.metadata.name) < orderOf(kind, right.metadata.name) ? -1 : 1,
    );
    for (const item of sorted) {
      if (after !== undefined && orderOf(kind, item.metadata.name) <= after) continue;
      if (isOf(item, of)) yield item;
    }
  }

  item<Kind extends ItemKind>(kind: Kind, name: string): ApiItems[Kind] | undefined {
    return this.#items[kind].get(name);
  }

  describe<Kind extends ItemKind>(kind: Kind, name: string): Described<ApiItems[Kind]> | undefined {
    const item = this.#items[kind].get(name);
    if (item === undefined) return undefined;
    const assignments = [...this.items('assignments', {})].filter((one) => belongsTo(one, item, kind));
    const rollouts = [...this.items('rollouts', {})].filter(
      (one) => kind === 'placements' && one.spec.placement === name,
    );
    return { item, assignments, more: 0, rollouts: rollouts.reverse() };
  }

  explain(cluster: string, placement: string): Result<Explanation, 'cluster' | 'placement'> {
    if (!this.#items.clusters.has(cluster)) return err('cluster');
    if (!this.#items.placements.has(placement)) return err('placement');
    return ok(explanationOf(cluster, placement, this.#items.assignments.get(`${cluster}/${placement}`)));
  }

  plan = fakePlan;

  async createJoinToken(request: JoinTokenRequest): Promise<Result<JoinTokenMade, ActionRefusal>> {
    if (this.#failure) throw this.#failure;
    const { name } = request;
    const isKnown = name !== undefined && this.#items.clusters.has(name);
    if (request.isRejoin && !isKnown) return err(unknownCluster(name ?? ''));
    if (isKnown && !request.isRejoin) return err(nameTaken(name));
    this.#actions.push({ kind: 'token', request });
    return ok(tokenFor(request));
  }

  async removeCluster(name: string, by: RequestedBy): Promise<Result<ClusterRemoved, ActionRefusal>> {
    if (this.#failure) throw this.#failure;
    const cluster = this.#items.clusters.get(name);
    if (cluster === undefined) return err(unknownCluster(name));
    const assignments = [...this.items('assignments', { cluster: name as ClusterName })];
    this.drop('clusters', name);
    this.#actions.push({ kind: 'removed', name, by });
    const uid = (cluster.metadata.uid ?? '') as ClusterUid;
    return ok({ name: name as ClusterName, uid, placements: assignments.map((one) => one.spec.placement) });
  }

  async acceptSource(
    source: string,
    commit: string,
    by: RequestedBy,
  ): Promise<Result<SourceAccepted, ActionRefusal>> {
    if (this.#failure) throw this.#failure;
    if (source !== 'control' || !waitingCommit.startsWith(commit)) return err(notWaiting(source, commit));
    this.#actions.push({ kind: 'accepted', source, commit: waitingCommit, by });
    return ok({ source, ref: 'main', commit: waitingCommit });
  }

  async confirmEpoch(epoch: number, by: RequestedBy): Promise<Result<EpochConfirmed, ActionRefusal>> {
    this.#actions.push({ kind: 'confirmed', epoch, by });
    return ok({ epoch });
  }

  /** Pauses, resumes and the others change the documents as the hub would; what is so already changes nothing. */
  async operateRollout(request: RolloutRequest): Promise<Result<RolloutOperated, ActionRefusal>> {
    if (this.#failure) throw this.#failure;
    const item = operatedItem([...this.items('rollouts', {})].reverse(), request);
    if (item === undefined) return err(unknownTarget(request));
    const { operation, expectedSeq } = request;
    if (operation.verb === 'skip' && !this.#items.clusters.has(operation.cluster))
      return err(unknownCluster(operation.cluster));
    if (expectedSeq !== undefined && expectedSeq !== item.status.lastSeq) return err(movedOn(request, item));
    if (item.status.endedAtMs !== undefined && operation.verb !== 'undo' && operation.verb !== 'retry')
      return err(notRunning(request, item));
    const status = { ...item.status, ...afterwards(item, request) };
    const isChanged =
      operation.verb === 'approve-prune' || JSON.stringify(status) !== JSON.stringify(item.status);
    const { lastSeq } = item.status;
    if (isChanged) this.put('rollouts', { ...item, status: { ...status, lastSeq: lastSeq + 1 } });
    this.#actions.push({ kind: 'operated', request });
    const { placement } = item.spec;
    const rollout = item.metadata.name as RolloutId;
    const { verb } = operation;
    const text = operatedTexts[verb];
    return ok({ rollout, placement, verb, text, isChanged, lastSeq: lastSeq + Number(isChanged) });
  }

  /** Tells a change. */
  tell(change: ItemChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function tokenFor({ name, ttlMs }: JoinTokenRequest): JoinTokenMade {
  const token = formatJoinToken({ id: 'b'.repeat(26), secret: 's'.repeat(43), pins: ['p'.repeat(43)] });
  return {
    joinLine: `127.0.0.1:7444/${token}`,
    tokenId: 'b'.repeat(26),
    expiresAtMs: fleetNowMs + ttlMs,
    ...(name && { name }),
  };
}
