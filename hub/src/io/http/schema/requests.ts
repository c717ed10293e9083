import { limits } from '@flotilla/shared/base';
import type { ItemKind } from '@flotilla/shared/model';
import { labels } from './parts.ts';
import { z } from './zod.ts';

const selectorText = z.string().max(limits.celTextMax);
const labelSelector = selectorText
  .optional()
  .describe('As kubectl writes them: k=v, k!=v, "k in (a,b)", "k notin (a,b)", k, !k, joined by commas.');
const reason = z.string().max(limits.reasonTextMax).default('');

/** Query of a list of a kind; the names of its fields are for the reader. */
export function listQuerySchema(fieldNames: readonly string[]) {
  return z.strictObject({
    labelSelector,
    fieldSelector: selectorText
      .optional()
      .describe(`The same grammar over the fields ${fieldNames.join(', ')}.`),
    limit: z.coerce
      .number<string | number>()
      .int()
      .min(0)
      .max(limits.apiPageItemsMax)
      .optional()
      .describe(`Items of a page, at most and by default ${limits.apiPageItemsMax}; 0 = the summary alone.`),
    continue: z.string().max(limits.celTextMax).optional().describe('From the metadata of the page before.'),
    sort: z
      .enum(['name', 'state'])
      .default('name')
      .describe('state = worst first; such a list has no next page.'),
  });
}

/** What a list asks for. */
export type ListRequest = z.output<ReturnType<typeof listQuerySchema>>;

const kinds = ['clusters', 'placements', 'assignments', 'rollouts', 'status'] as const satisfies (
  | ItemKind
  | 'status'
)[];

/** Query of the event stream. */
export const eventsQuerySchema = z.strictObject({
  kinds: z
    .string()
    .default('clusters,placements,rollouts,status')
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(kinds)).min(1))
    .describe(`Any of ${kinds.join(', ')}, joined by commas. status = the facts of the hub.`),
  since: z
    .string()
    .max(80)
    .optional()
    .describe(
      'Sequence of a list or an earlier event: only what changed after it is sent, if it is still known.',
    ),
  labelSelector,
  fieldSelector: selectorText.optional().describe('Allowed with exactly one kind that has items.'),
});

/** Body that asks for a join token. */
export const joinTokenRequestSchema = z.strictObject({
  name: z.string().max(limits.frameNameMax).optional().describe('Absent = the agent chooses.'),
  rejoin: z
    .boolean()
    .default(false)
    .describe('True = for the agent of the registered cluster of that name, which lost its identity.'),
  labels: labels.default({}).describe('Of a new cluster; a registered one keeps those it has.'),
  ttlMs: z
    .int()
    .min(1_000)
    .max(limits.joinTokenLifeMsMax)
    .default(3_600_000)
    .describe('Until when it can be redeemed, from now.'),
  reason,
});

/** Query of a removal. */
export const removeClusterSchema = z.strictObject({ reason });

/** Body that accepts a commit. */
export const acceptSourceSchema = z.strictObject({
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, 'is not a commit id, or the first 7 or more characters of one')
    .describe('A full id, or at least its first 7 characters when that names one commit that waits.'),
  reason,
});

/** Body that confirms a raise of the epoch. */
export const confirmEpochSchema = z.strictObject({
  epoch: z.int().positive().describe('status.hub.epoch as the caller saw it: another one is not confirmed.'),
  reason,
});

const expectedSeq = z
  .int()
  .nonnegative()
  .optional()
  .describe(
    'status.lastSeq as the caller saw it: when the placement has moved on since, nothing is decided.',
  );

/** Body of an operation on a rollout. */
export const operateRolloutSchema = z.strictObject({ expectedSeq, reason });

/** Body that approves what comes after a stage. */
export const approveRolloutSchema = z.strictObject({
  expectedSeq,
  reason,
  stage: z
    .string()
    .max(limits.frameNameMax)
    .optional()
    .describe('The stage that was looked at; absent = the one that asks now.'),
});

/** Body that leaves a cluster out. */
export const skipClusterSchema = z.strictObject({
  expectedSeq,
  reason,
  cluster: z.string().min(1).max(limits.frameNameMax).describe('Name of the cluster to leave out.'),
});

/** Body that allows one held list of deletes. */
export const approvePruneSchema = z.strictObject({
  expectedSeq,
  reason,
  cluster: z.string().min(1).max(limits.frameNameMax).describe('Name of the cluster whose agent asks.'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{12,64}$/, 'is not the hash of a list, or its first 12 or more digits')
    .describe(
      'status.heldPrune.listHash of the assignment that was looked at, or at least its first 12 digits.',
    ),
});
