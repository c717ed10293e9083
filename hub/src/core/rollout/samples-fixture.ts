import {
  assert,
  type ClusterUid,
  type Digest,
  digestOf,
  type EventId,
  type GitId,
  type PlacementName,
  sha256Hex,
} from '@flotilla/shared/base';
import {
  type Actor,
  type AssignmentReport,
  type ClusterSelector,
  type CommitInfo,
  decisionFormat,
  noCounts,
  noDrift,
  noTimings,
  type Release,
  type ReleaseRecipe,
  type RolloutStrategy,
  type StageSelect,
  variantDigest,
} from '@flotilla/shared/model';
import { strategyDefaults } from '../fleet-spec/index.ts';
import type { DraftDecision } from './evidence.ts';
import type { PlacementRow, StoredPlacementEvent } from './state.ts';

/** The placement that worlds speak of. */
export const placement = 'shop' as PlacementName;
/** The hub process that decides in worlds. */
export const hub: Actor = { kind: 'hub', process: 'hub-1' };
/** A person who agrees to things. */
export const person: Actor = { kind: 'person', name: 'ada', reason: 'looked at it' };

/** Uid of the cluster with this name. */
export function uidOf(name: string): ClusterUid {
  return name.replaceAll(/[^a-z2-7]/g, 'x').padEnd(26, 'a') as ClusterUid;
}

/** A commit whose number orders it in time. */
export function commitOf(number: number): CommitInfo {
  const id = sha256Hex(`commit ${number}`).slice(0, 40) as GitId;
  return { id, author: 'ada', subject: `change ${number}`, committedAtS: 1_700_000_000 + number };
}

/** Strategies of worlds: one canary, then the rest in one wave, soaking `soakMs`. */
export function canaryThenRest(soakMs = 2_000, change: Partial<RolloutStrategy> = {}): RolloutStrategy {
  const all = { kind: 'percent', percent: 100 } as const;
  const stage = {
    waves: { start: all, growth: 1, max: all },
    soakMs,
    failure: undefined,
    after: [],
    checks: [],
  } as const;
  return {
    ...strategyDefaults,
    name: 'test',
    deadlineMs: 60_000,
    stages: [
      {
        ...stage,
        name: 'canary',
        select: { kind: 'canary', count: 1 },
        failure: { ...strategyDefaults.failure, max: { kind: 'count', count: 0 } },
      },
      { ...stage, name: 'rest', select: { kind: 'remaining' } },
    ],
    ...change,
  };
}

/** The same, where the rest waits for a person; the canary is one cluster, or those that the selector takes. */
export function approvedCanary(selector?: Partial<ClusterSelector>): RolloutStrategy {
  const strategy = canaryThenRest();
  const [canary, ...others] = strategy.stages;
  assert(canary !== undefined, 'the strategy begins with a canary');
  const select: StageSelect =
    selector === undefined
      ? canary.select
      : { kind: 'selector', selector: JSON.stringify({ ...anyCluster, ...selector }), required: false };
  return { ...strategy, stages: [{ ...canary, select, after: ['approval'] }, ...others] };
}

const anyCluster: ClusterSelector = {
  matchLabels: {},
  matchExpressions: [],
  names: [],
  groups: [],
  exclude: [],
};

/** A release whose content is `content`; `commit` only says where it was seen. */
export function releaseWith(content: string, commit: CommitInfo): Release {
  const recipe: ReleaseRecipe = {
    base: {
      content: {
        repositoryUrl: 'https://git.example.com/fleet.git',
        credential: undefined,
        commit,
        ref: 'main',
        trees: [{ path: 'apps/shop', treeId: sha256Hex(content).slice(0, 40) as GitId }],
        requiredSigners: [],
        caBundlePem: undefined,
      },
      render: { renderer: 'auto', helm: undefined, namespace: 'shop', patches: [], variables: {} },
      apply: {
        mode: 'bestEffort',
        takeOver: 'ifNoDiff',
        drift: 'correct',
        ignore: [],
        createNamespace: false,
        priority: 0,
        takeOverFrom: undefined,
        confirmMs: undefined,
      },
      health: { deadlineMs: 60_000, soakMs: 0, checks: [] },
      prune: { enabled: true, maxObjects: 20, maxPercent: 30 },
    },
    overrides: [],
  };
  return { digest: digestOf({ base: variantDigest(recipe.base) }), commit, recipe };
}

/** Names `c1` to `c<count>`. */
export function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => nameOf(index));
}

/** Letters only, so that uids stay different. */
function nameOf(index: number): string {
  const letters = 'bcdefghijklmnopqrstuvwxyz';
  const first = letters[Math.floor(index / letters.length) % letters.length] ?? 'b';
  return `c${first}${letters[index % letters.length]}`;
}

/** An agent's word that everything is as this row says, and has been for an hour. */
export function wellReport(row: PlacementRow): AssignmentReport {
  const isVariant = row.target.kind === 'variant';
  return {
    placement,
    version: row.version,
    variantDigest: row.target.kind === 'variant' ? row.target.variant.digest : undefined,
    state: isVariant ? 'Ready' : 'Removed',
    phase: undefined,
    reason: '',
    text: '',
    healthyForMs: 3_600_000,
    counts: noCounts,
    failing: [],
    drift: noDrift,
    deadlinePassed: false,
    timings: noTimings,
    appliedCommit: undefined,
    appliedVariantDigest: undefined,
    heldPrune: undefined,
    reverted: false,
  };
}

/** A decision as the log would hand it out. */
export function storedEvent(
  draft: DraftDecision,
  at: { readonly seq: number; readonly expectedSeq: number; readonly nowMs: number },
): StoredPlacementEvent {
  const { seq, expectedSeq, nowMs } = at;
  return {
    seq,
    storedAtMs: nowMs,
    // A sha-256, and 26 letters, are what these words are.
    hash: sha256Hex(`event ${seq}`) as Digest,
    epoch: 1,
    event: {
      format: decisionFormat,
      id: String(seq).padStart(26, 'a') as EventId,
      atMs: nowMs,
      expectedSeq,
      ...draft,
    },
  };
}
