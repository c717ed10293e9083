import {
  type ApiItems,
  apiVersion,
  type Described,
  type ItemKind,
  type StoppedRelease,
  type WaveItem,
} from '@flotilla/shared/model';
import {
  actor,
  cause,
  commitInfo,
  count,
  durationMs,
  failureGroup,
  freshness,
  gitMistake,
  instantMs,
  labels,
  presence,
  reasoned,
  releaseSummary,
  rolloutCounts,
  rolloutKind,
  rolloutState,
  shownState,
  stateCounts,
} from './parts.ts';
import type { Wire } from './wire.ts';
import { z } from './zod.ts';

const metadata = z.object({
  name: z.string(),
  uid: z.string().optional(),
  labels: labels.optional(),
  createdAtMs: instantMs.optional(),
});
const version = z.literal(apiVersion);

const cluster: z.ZodType<Wire<ApiItems['clusters']>> = z.object({
  apiVersion: version,
  kind: z.literal('Cluster'),
  metadata,
  spec: z.object({
    taints: z.array(z.object({ key: z.string(), value: z.string() })),
    isCordoned: z.boolean(),
  }),
  status: z.object({
    state: shownState,
    reason: reasoned.optional(),
    presence,
    presenceSinceMs: instantMs,
    freshness,
    counts: stateCounts,
    assignments: count,
    driftedObjects: count,
    agentVersion: z.string(),
    kubernetesVersion: z.string(),
    nodes: count,
    isSimulated: z.boolean(),
    moreFacts: z.record(z.string(), z.string()).optional(),
    failures: z.array(failureGroup),
  }),
});

const rolloutSummary = z.object({
  id: z.string(),
  kind: rolloutKind,
  state: rolloutState,
  stage: z.string(),
  wavesPassed: count,
  waves: count,
});

const stoppedRelease: z.ZodType<Wire<StoppedRelease>> = z.object({
  kind: z.enum(['rejected', 'aborted']),
  rollout: z.string(),
  by: actor,
  text: z.string(),
  sinceMs: instantMs,
});

const placement: z.ZodType<Wire<ApiItems['placements']>> = z.object({
  apiVersion: version,
  kind: z.literal('Placement'),
  metadata,
  spec: z.object({
    definedAt: z.string().optional(),
    repo: z.string(),
    ref: z.string(),
    path: z.string(),
    strategy: z.string(),
  }),
  status: z.object({
    state: shownState,
    reason: reasoned.optional(),
    counts: stateCounts,
    targets: count,
    release: releaseSummary.optional(),
    stable: releaseSummary.optional(),
    rollout: rolloutSummary.optional(),
    errors: z.array(gitMistake),
    held: z.array(reasoned),
    failures: z.array(failureGroup),
    stopped: z.array(stoppedRelease),
    skipped: count,
    lastSeq: count,
  }),
});

const failingObject = z.object({
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  reason: z.string(),
  message: z.string(),
  fingerprint: z.string(),
  ownedBy: z.string().optional(),
});

const assignment: z.ZodType<Wire<ApiItems['assignments']>> = z.object({
  apiVersion: version,
  kind: z.literal('Assignment'),
  metadata,
  spec: z.object({
    cluster: z.string(),
    clusterUid: z.string(),
    placement: z.string(),
    version: z.string(),
    isRemoval: z.boolean(),
    variantDigest: z.string().optional(),
    commit: commitInfo.optional(),
    cause: cause.optional(),
    rollout: z.string().optional(),
  }),
  status: z.object({
    state: shownState,
    reason: reasoned.optional(),
    freshness,
    healthyForMs: durationMs,
    appliedCommit: z.string().optional(),
    objects: z.object({ total: count, applied: count, healthy: count, failing: count, pruning: count }),
    failing: z.array(failingObject),
    drift: z.object({
      objects: count,
      corrected: count,
      latest: z.string(),
      fights: z.array(z.string()),
    }),
    timings: z.object({
      fetchMs: durationMs,
      renderMs: durationMs,
      applyMs: durationMs,
      rowToAppliedMs: durationMs,
      rowToReadyMs: durationMs,
    }),
    heldPrune: z
      .object({ listHash: z.string(), objects: z.array(z.string()), total: count, reason: z.string() })
      .optional(),
    contested: z
      .array(
        z.object({
          placement: z.string(),
          group: z.string(),
          kind: z.string(),
          namespace: z.string().optional(),
          name: z.string(),
        }),
      )
      .optional(),
  }),
});

const wave: z.ZodType<Wire<WaveItem>> = z.object({
  stage: z.string(),
  clusters: count,
  ready: count,
  failed: count,
  deferred: count,
  soakMs: durationMs,
  state: z.enum(['passed', 'open', 'waiting']),
});

const rollout: z.ZodType<Wire<ApiItems['rollouts']>> = z.object({
  apiVersion: version,
  kind: z.literal('Rollout'),
  metadata,
  spec: z.object({
    placement: z.string(),
    kind: rolloutKind,
    release: releaseSummary.optional(),
    strategy: z.string(),
    cause: cause.optional(),
    waves: z.array(wave),
  }),
  status: z.object({
    state: rolloutState,
    reason: reasoned.optional(),
    stage: z.string(),
    counts: rolloutCounts,
    plannedAtMs: instantMs,
    endedAtMs: instantMs.optional(),
    by: actor.describe('Who planned it or, once it has ended, who ended it.'),
    isPaused: z.boolean(),
    isUrgent: z.boolean(),
    lastSeq: count.describe('Last sequence of the placement: what an operation may expect.'),
  }),
});

/** The documents of the four lists. */
export const itemSchemas = {
  clusters: cluster,
  placements: placement,
  assignments: assignment,
  rollouts: rollout,
} satisfies { readonly [Kind in ItemKind]: z.ZodType<Wire<ApiItems[Kind]>> };

/** An item with what belongs to it. */
export function describedSchema<Kind extends ItemKind>(kind: Kind): z.ZodType<Wire<Described<unknown>>> {
  return z.object({
    item: itemSchemas[kind],
    assignments: z.array(assignment),
    more: count,
    rollouts: z.array(rollout),
    warnings: z.array(z.string()).optional(),
  });
}
