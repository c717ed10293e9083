import type { ClusterUid, GitId, Result, RolloutId } from '@flotilla/shared/base';
import type {
  AssignmentReport,
  Cluster,
  CommitInfo,
  Reasoned,
  RolloutStrategy,
} from '@flotilla/shared/model';
import { type HoldSpec, policyDefaults } from '../fleet-spec/index.ts';
import { variantsFor } from '../release/index.ts';
import { advanceRollout } from './advance.ts';
import { capOf } from './amounts.ts';
import type {
  Acceptance,
  AdvanceResult,
  CheckAnswer,
  ClusterEvidence,
  DesiredPlacement,
  DraftDecision,
  NewRevision,
  RolloutEvidence,
} from './evidence.ts';
import { foldRollout } from './fold.ts';
import { type Operated, operateRollout, type RolloutOperation } from './operate.ts';
import {
  canaryThenRest,
  commitOf,
  hub,
  person,
  placement,
  releaseWith,
  storedEvent,
  uidOf,
  wellReport,
} from './samples-fixture.ts';
import { emptyRolloutState, type RolloutState, type StoredPlacementEvent } from './state.ts';
import { keptMatches, type WorldCluster, worldCluster } from './world-cluster-fixture.ts';
import { WorldFleet } from './world-fleet-fixture.ts';

/** One placement, its log, and clusters that say whatever the test makes them say. */
export class World {
  state: RolloutState = emptyRolloutState(placement);
  readonly log: StoredPlacementEvent[] = [];
  readonly clusters = new Map<ClusterUid, WorldCluster>();
  readonly removed = new Set<ClusterUid>();
  readonly accepted = new Map<GitId, Acceptance>();
  nowMs = 1_000_000;
  hubHealthySinceMs: number | undefined = 0;
  desired: DesiredPlacement = { kind: 'unresolved', reasons: [] };
  strategy: RolloutStrategy = canaryThenRest();
  onNewRevision: NewRevision = 'auto';
  hold: HoldSpec | undefined;
  readonly fleet = new WorldFleet();
  /** What came of asking webhook checks, by the key of the question. */
  readonly answers = new Map<string, CheckAnswer>();
  /** The matched clusters; undefined = all. */
  matched: ReadonlySet<string> | undefined;
  /** Of the matched clusters, by name: those that facts alone would leave out, and whether a person is asked. */
  readonly kept = new Map<string, { readonly asks: boolean }>();
  joinMax: number | undefined;
  last: AdvanceResult = { events: [], notes: [], held: new Map(), wakeAtMs: undefined };
  #seq = 0;
  #commit = 0;
  #content = '';
  #urgent: CommitInfo['urgent'];

  constructor(clusters: Iterable<string> = []) {
    for (const name of clusters) this.register(name);
  }

  register(name: string, labels: Cluster['labels'] = {}): void {
    this.clusters.set(uidOf(name), worldCluster(name, labels, this.nowMs));
  }

  /** A commit of the control repository that gives the placement this content. */
  push(content: string, urgent?: CommitInfo['urgent']): CommitInfo {
    this.#commit += 1;
    this.#content = content;
    this.#urgent = urgent;
    return this.resolve();
  }

  /** A commit that changes rules or labels, not content. */
  edit(): CommitInfo {
    this.#commit += 1;
    this.#urgent = undefined;
    return this.resolve();
  }

  /** Resolves again, after clusters came, went or changed. */
  resolve(): CommitInfo {
    const commit = { ...commitOf(this.#commit), ...(this.#urgent && { urgent: this.#urgent }) };
    const release = releaseWith(this.#content, commit);
    const clusters = [...this.clusters.values()].map((one) => one.cluster);
    const matched = clusters.filter((one) => this.matched?.has(one.name) ?? true);
    this.desired = {
      kind: 'release',
      release,
      ...variantsFor(release, matched),
      strategy: this.strategy,
      pickedFrom: undefined,
      kept: keptMatches(this.kept),
      onNewRevision: this.onNewRevision,
      hold: this.hold,
      onUnmatch: 'prune',
      commit: commit.id,
      adoptedSeq: 0,
      bounds: {
        withdrawMax: capOf(policyDefaults.maxWithdraw, clusters.length),
        joinMax: this.joinMax ?? capOf(policyDefaults.autoJoinMax, matched.length),
      },
    };
    return commit;
  }

  /** A commit that takes the placement out of the repository. */
  remove(): CommitInfo {
    this.#commit += 1;
    const commit = commitOf(this.#commit);
    const withdrawMax = capOf(policyDefaults.maxWithdraw, this.clusters.size);
    this.desired = { kind: 'absent', commit: commit.id, adoptedSeq: 0, bounds: { withdrawMax, joinMax: 1 } };
    return commit;
  }

  evidenceOf(uid: ClusterUid): ClusterEvidence | undefined {
    const one = this.clusters.get(uid);
    if (one === undefined) return undefined;
    const reportVersion = one.report === undefined ? '' : `1.${one.reportSeq}`;
    return { ...one, reportVersion };
  }

  /** A person accepts a commit, a moment later. */
  accept(commit: GitId): void {
    this.nowMs += 1;
    this.accepted.set(commit, { actor: person, atMs: this.nowMs });
  }

  /** A person asks for an operation; what it decides is appended. */
  operate(
    operation: RolloutOperation,
    rollout?: RolloutId,
    reason = 'looked at it',
  ): Result<Operated, Reasoned> {
    const { nowMs } = this;
    const outcome = operateRollout(this.state, this.evidence(), { operation, rollout, reason, nowMs });
    if (outcome.ok) {
      const actor = { kind: 'person', name: 'ada', reason } as const;
      for (const payload of outcome.value.decisions) this.append({ actor, evidence: undefined, payload });
    }
    return outcome;
  }

  /** What the hub sees now. */
  evidence(): RolloutEvidence {
    return {
      desired: this.desired,
      clusterOf: (uid) => this.evidenceOf(uid),
      removedClusters: this.removed,
      hubHealthySinceMs: this.hubHealthySinceMs,
      self: hub,
      acceptedCommits: this.accepted,
      answerOf: (key) => this.answers.get(key),
      ...this.fleet.evidence(this.clusters),
    };
  }

  /** One look and its appends; returns what was appended. */
  look(): readonly DraftDecision[] {
    this.last = advanceRollout(this.state, this.evidence(), this.nowMs);
    for (const draft of this.last.events) this.append(draft);
    return this.last.events;
  }

  /** Looks until nothing is decided any more; returns the kinds of all decisions. */
  settle(): readonly string[] {
    const kinds: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      const events = this.look();
      if (events.length === 0) return kinds;
      kinds.push(...events.map((one) => one.payload.kind));
    }
    throw new Error(`never settles: ${kinds.slice(-6).join(', ')}`);
  }

  append(draft: DraftDecision): void {
    this.#seq += 1;
    const stored = storedEvent(draft, { seq: this.#seq, expectedSeq: this.state.lastSeq, nowMs: this.nowMs });
    this.log.push(stored);
    this.state = foldRollout(this.state, stored);
    this.fleet.take(draft.tokens);
  }

  /** A cluster's agent speaks of the row that it has now. */
  says(name: string, change: Partial<AssignmentReport> = {}): void {
    const one = this.#known(name);
    const row = this.state.rows.get(one.cluster.uid);
    if (row === undefined) throw new Error(`${name} has no row`);
    one.reportSeq += 1;
    one.report = { ...wellReport(row), ...change };
    one.reportStoredAtMs = this.nowMs;
  }

  /** Every reachable cluster with a row says that it is Ready (or Removed) and long healthy. */
  everybodyIsWell(): void {
    for (const [uid, one] of this.clusters) {
      if (one.presence === 'connected' && this.state.rows.has(uid)) this.says(one.cluster.name);
    }
  }

  /** Looks, lets everybody become well, and so on until nothing moves; returns the kinds of all decisions. */
  run(): readonly string[] {
    const kinds: string[] = [...this.settle()];
    for (let round = 0; round < 50; round += 1) {
      this.everybodyIsWell();
      const now = this.settle();
      if (now.length === 0) return kinds;
      kinds.push(...now);
    }
    throw new Error(`never ends: ${kinds.slice(-6).join(', ')}`);
  }

  /** As if its stream had ended `forMs` ago. */
  goOffline(name: string, forMs = 3_600_000): void {
    const change = { presence: 'disconnected', presenceSinceMs: this.nowMs - forMs, isFresh: false } as const;
    Object.assign(this.#known(name), change);
  }

  comeBack(name: string): void {
    const change = { presence: 'connected', presenceSinceMs: this.nowMs, isFresh: true } as const;
    Object.assign(this.#known(name), change);
  }

  #known(name: string): WorldCluster {
    const one = this.clusters.get(uidOf(name));
    if (one === undefined) throw new Error(`no cluster ${name}`);
    return one;
  }

  /** Names of the clusters whose newest row this rollout content gave. */
  holding(content: string): readonly string[] {
    const { digest } = releaseWith(content, commitOf(0));
    return [...this.clusters.values()]
      .filter(({ cluster }) => {
        const target = this.state.rows.get(cluster.uid)?.target;
        return target?.kind === 'variant' && target.releaseDigest === digest;
      })
      .map(({ cluster }) => cluster.name)
      .sort();
  }
}
