import { limits } from '@flotilla/shared/base';
import type { ClusterNames, PlanPoint, PlanPreview } from '@flotilla/shared/model';
import { commitInfo, count, durationMs, gitMistake, reasoned, rolloutKind } from './parts.ts';
import type { Wire } from './wire.ts';
import { z } from './zod.ts';

/** Query of a plan. */
export const planQuerySchema = z.strictObject({
  ref: z
    .string()
    .min(1)
    .max(limits.frameNameMax)
    .optional()
    .describe('A branch or tag of the control repository; without ref and commit the one that is followed.'),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, 'is not a full commit id')
    .optional()
    .describe('A commit of it, instead of a ref.'),
});

const clusterNames: z.ZodType<Wire<ClusterNames>> = z.object({
  count,
  names: z.array(z.string()).describe(`In order; at most ${limits.planNamesMax}.`),
});

const point: z.ZodType<Wire<PlanPoint>> = z.object({
  commit: commitInfo.optional(),
  treeId: z.string().optional(),
});

const variant = z.object({
  before: z.string().optional().describe('Digest; absent for clusters that do not have it now.'),
  after: z.string().optional().describe('Digest; absent for clusters that would not have it any more.'),
  clusters: clusterNames,
  parts: z.array(z.string()).describe('Parts that differ: content, render.namespace and so on.'),
  files: z.array(z.object({ path: z.string(), before: z.string().optional(), after: z.string().optional() })),
  moreFiles: count,
});

const rollout = z.object({
  kind: rolloutKind,
  strategy: z.string(),
  clusters: count,
  waves: z.array(
    z.object({ stage: z.string(), clusters: clusterNames, isAway: z.boolean(), soakMs: durationMs }),
  ),
  windows: z.array(z.object({ text: z.string(), clusters: clusterNames })),
  duration: z
    .object({ atLeastMs: durationMs, atMostMs: durationMs })
    .describe('At least all soaks; at most also the deadline of each wave and the timeouts of webhooks.'),
});

const placement = z.object({
  placement: z.string(),
  definedAt: z.string().optional(),
  change: z.enum(['added', 'removed', 'changed', 'same']),
  added: clusterNames,
  removed: clusterNames,
  changed: clusterNames,
  unchanged: count,
  blocked: z.array(z.object({ reason: reasoned, clusters: clusterNames })),
  unresolved: z.array(reasoned).describe('Why it would keep its last state; empty = it can be placed.'),
  variants: z.array(variant),
  rollouts: z.array(rollout),
  approvals: z.array(reasoned),
  waits: z.array(reasoned),
});

/** What a state of Git would do. */
export const planSchema: z.ZodType<Wire<PlanPreview>> = z.object({
  id: z.string().describe('Digest of all that went in and all that came out: equal inputs, equal plan.'),
  before: point,
  after: point,
  placements: z.array(placement),
  unchanged: count,
  errors: z.array(gitMistake).describe('Files that would not come into force.'),
  approvals: z.array(reasoned).describe('What a person would be asked before the state comes into force.'),
  conflicts: z.array(z.object({ placements: z.array(z.string()), path: z.string(), clusters: clusterNames })),
  assumptions: z.array(z.string()),
});
