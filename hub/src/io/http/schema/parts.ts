import {
  type Actor,
  type Cause,
  type CommitInfo,
  type FailureGroup,
  type Freshness,
  type GitMistake,
  type Presence,
  problemCodes,
  type Reasoned,
  type ReleaseSummary,
  type RolloutCounts,
  type RolloutKind,
  type RolloutShownState,
  type StateCounts,
  shownStates,
} from '@flotilla/shared/model';
import type { Wire } from './wire.ts';
import { z } from './zod.ts';

/** A count of things. */
export const count = z.int().nonnegative();
/** Milliseconds since 1970, the hub's clock. */
export const instantMs = z.number().nonnegative();
/** A duration in milliseconds. */
export const durationMs = z.number().nonnegative();
/** Labels that people set. */
export const labels = z.record(z.string(), z.string());

/** One of the seven states. */
export const shownState = z.enum(shownStates);

const presences = ['connected', 'suspect', 'disconnected', 'lost', 'never'] as const satisfies Presence[];
/** Where a cluster's agent stands, by its stream. */
export const presence: z.ZodType<Presence> = z.enum(presences);
/** Clusters by presence. */
export const presenceCounts: z.ZodType<{ readonly [one in Presence]: number }> = z.record(
  z.enum(presences),
  count,
);

/** A reason. */
export const reasoned: z.ZodType<Wire<Reasoned>> = z.object({
  code: z.string(),
  text: z.string(),
  subject: z.string(),
});

/** How fresh a state is. */
export const freshness: z.ZodType<Wire<Freshness>> = z.object({
  isFresh: z.boolean(),
  asOfMs: instantMs.optional(),
});

/** Counts of all seven states. */
export const stateCounts: z.ZodType<Wire<StateCounts>> = z.record(z.enum(shownStates), count);

/** Equal causes. */
export const failureGroup: z.ZodType<Wire<FailureGroup>> = z.object({
  fingerprint: z.string(),
  reason: z.string(),
  text: z.string(),
  count,
  example: z.object({ cluster: z.string(), placement: z.string(), object: z.string() }),
});

/** A commit, for people. */
export const commitInfo: z.ZodType<Wire<CommitInfo>> = z.object({
  id: z.string(),
  author: z.string(),
  subject: z.string(),
  committedAtS: z.number(),
  urgent: z.union([z.literal('all'), z.array(z.string())]).optional(),
  signature: z
    .enum(['unsigned', 'ssh', 'openpgp', 'x509', 'other'])
    .optional()
    .describe('Kind of signature that the commit carries; nobody has verified it. Absent = nobody looked.'),
});

/** A release, for people. */
export const releaseSummary: z.ZodType<Wire<ReleaseSummary>> = z.object({
  digest: z.string(),
  commit: commitInfo,
});

/** A mistake in a file. */
export const gitMistake: z.ZodType<Wire<GitMistake>> = z.object({
  file: z.string(),
  line: count,
  column: count,
  code: z.string(),
  text: z.string(),
  commit: z.string().optional(),
  document: z.object({ kind: z.string(), name: z.string() }).optional(),
});

/** Why a row exists. */
export const cause: z.ZodType<Wire<Cause>> = z.union([
  z.object({ kind: z.literal('commit'), commit: z.string() }),
  z.object({ kind: z.literal('decision'), event: z.string() }),
]);

/** Who decided something. */
export const actor: z.ZodType<Wire<Actor>> = z.union([
  z.object({ kind: z.literal('hub'), process: z.string() }),
  z.object({ kind: z.literal('person'), name: z.string(), reason: z.string() }),
]);

/** Clusters of a rollout by phase. */
export const rolloutCounts: z.ZodType<Wire<RolloutCounts>> = z.object({
  targets: count,
  waiting: count,
  issued: count,
  ready: count,
  deferred: count,
  failed: count,
});

/** States of a rollout. */
export const rolloutState: z.ZodType<RolloutShownState> = z.enum([
  'Pending',
  'Planned',
  'Progressing',
  'Soaking',
  'Gated',
  'Halted',
  'Succeeded',
  'Superseded',
  'Cancelled',
]);

/** Kinds of rollout. */
export const rolloutKind: z.ZodType<RolloutKind> = z.enum([
  'update',
  'expand',
  'withdraw',
  'rollback',
  'catch-up',
]);

/** Codes that a person can meet. */
export const problemCode = z.enum(Object.values(problemCodes));
