import {
  apiVersion,
  type ClusterRemoved,
  type EpochConfirmed,
  type ErrorBody,
  type Explanation,
  type FleetStatus,
  type HubFacts,
  type ItemKind,
  type JoinTokenMade,
  type ListMetadata,
  type ListSummary,
  type RolloutOperated,
  rolloutVerbs,
  type SourceAccepted,
} from '@flotilla/shared/model';
import { itemSchemas } from './items.ts';
import {
  commitInfo,
  count,
  failureGroup,
  freshness,
  gitMistake,
  instantMs,
  presenceCounts,
  problemCode,
  reasoned,
  shownState,
  stateCounts,
} from './parts.ts';
import type { Wire } from './wire.ts';
import { z } from './zod.ts';

/** Kinds of list documents. */
export const listKinds = {
  clusters: 'ClusterList',
  placements: 'PlacementList',
  assignments: 'AssignmentList',
  rollouts: 'RolloutList',
} as const satisfies { readonly [Kind in ItemKind]: string };

const listMetadata: z.ZodType<Wire<ListMetadata>> = z.object({
  sequence: z.string().describe('Hand it to /api/v1/events as `since` to hear what changed after this page.'),
  asOfMs: instantMs.describe('When the page was made, the clock of the hub.'),
  continue: z.string().optional().describe('Hand it back for the next page; absent on the last one.'),
  remainingItemCount: count.optional(),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Outages that explain stale states, and what of Git waits or is mistaken.'),
});

const listSummary: z.ZodType<Wire<ListSummary>> = z.object({
  total: count,
  states: z.record(z.string(), count),
  failures: z.array(failureGroup),
});

/** One page of a list. */
export function listSchema(kind: ItemKind) {
  return z.object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(listKinds[kind]),
    metadata: listMetadata,
    items: z.array(itemSchemas[kind]),
    summary: listSummary.optional().describe('Of everything selected; on the first page only.'),
  });
}

const hub = z.object({
  version: z.string(),
  hubId: z.string(),
  epoch: count,
  decisionSeq: count,
  startedAtMs: instantMs,
  notReady: z.array(reasoned),
});
const bus = z.object({ isConnected: z.boolean(), sinceMs: instantMs, text: z.string() });
const control = z.object({
  url: z.string(),
  ref: z.string(),
  commit: commitInfo.optional(),
  errors: z.array(gitMistake),
  held: z.array(reasoned),
  failure: reasoned.optional(),
  readAtMs: instantMs.optional(),
});

/** What a hub process knows of itself and its surroundings. */
export const hubFactsSchema: z.ZodType<Wire<HubFacts>> = z.object({ hub, bus, control });

const counted = z.object({ total: count, states: stateCounts });

/** The fleet on one screen. */
export const fleetStatusSchema: z.ZodType<Wire<FleetStatus>> = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('FleetStatus'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({}),
  status: z.object({
    hub,
    bus,
    control,
    asOfMs: instantMs,
    clusters: z.object({
      total: count,
      states: stateCounts,
      presence: presenceCounts,
      simulated: count,
    }),
    placements: counted,
    assignments: counted,
    rollouts: z.object({ active: count, halted: count }),
    failures: z.array(failureGroup),
  }),
});

/** The running hub's version. */
export const versionSchema = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('Version'),
  version: z.string(),
});

/** A token for one cluster. */
export const joinTokenSchema: z.ZodType<Wire<JoinTokenMade>> = z.object({
  joinLine: z.string().describe('HOST:PORT/flt1.…: a secret, shown once.'),
  tokenId: z.string(),
  expiresAtMs: instantMs,
  name: z.string().optional(),
});

/** A registration that was deleted. */
export const clusterRemovedSchema: z.ZodType<Wire<ClusterRemoved>> = z.object({
  name: z.string(),
  uid: z.string(),
  placements: z.array(z.string()),
});

/** A commit that was accepted. */
export const sourceAcceptedSchema: z.ZodType<Wire<SourceAccepted>> = z.object({
  source: z.string(),
  ref: z.string(),
  commit: z.string(),
});

/** A raise of the epoch that was confirmed. */
export const epochConfirmedSchema: z.ZodType<Wire<EpochConfirmed>> = z.object({ epoch: z.number() });

/** What an operation on a rollout came to. */
export const rolloutOperatedSchema: z.ZodType<Wire<RolloutOperated>> = z.object({
  rollout: z.string(),
  placement: z.string(),
  verb: z.enum(rolloutVerbs),
  text: z.string().describe('What is so now, as a clause after the name of the rollout.'),
  isChanged: z.boolean().describe('False = it was so already, and nothing was decided.'),
  lastSeq: count.describe('Last sequence of the placement now: what the next operation may expect.'),
});

/** Body of every answer that is not 2xx. */
export const errorSchema: z.ZodType<Wire<ErrorBody>> = z.object({
  error: z.object({
    code: problemCode,
    text: z.string().describe('What failed, on what.'),
    cause: z.string().optional().describe('The first cause.'),
    stillTrue: z.string().optional().describe('What still holds and what happens next.'),
    next: z.string().optional().describe('One command.'),
  }),
});

const explainedVariant = { commit: commitInfo, variantDigest: z.string() };

/** Why a placement is, or is not, on a cluster as it is. */
export const explanationSchema: z.ZodType<Wire<Explanation>> = z.object({
  cluster: z.string(),
  placement: z.string(),
  definedAt: z.string().optional().describe('FILE:LINE of the rule; absent when no file in force has it.'),
  isSelected: z.boolean().optional().describe('Absent while this hub process has not looked yet.'),
  exclusions: z
    .array(
      z.object({
        code: z.string(),
        text: z.string(),
        subject: z.string(),
        change: z.string().optional().describe('What would have to be different for this term.'),
      }),
    )
    .describe('One for each term of the rule that says no.'),
  wanted: z.object(explainedVariant).optional().describe('What Git asks for there.'),
  has: z
    .object({
      version: z.string(),
      rollout: z.string(),
      isRemoval: z.boolean(),
      issuedAtMs: instantMs,
      commit: commitInfo.optional(),
      variantDigest: z.string().optional(),
    })
    .optional()
    .describe('What the cluster was told last.'),
  state: shownState.optional().describe('Absent when nothing is wanted or left there.'),
  freshness,
  reason: reasoned.optional().describe('The one reason why it is not Ready at what is wanted.'),
  next: z.string().describe('The command to go on with.'),
});
