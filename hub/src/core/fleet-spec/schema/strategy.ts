import { selector } from './selector.ts';
import { amount, dnsLabel, duration, labelKey, metadata, percentage } from './words.ts';
import { z } from './zod.ts';

const stage = z.strictObject({
  name: dnsLabel,
  canary: z
    .int()
    .min(1)
    .optional()
    .meta({ description: 'So many clusters, those labelled flotilla.dev/canary: "true" before others.' }),
  clusters: selector.optional(),
  remaining: z.literal(true).optional().meta({ description: 'All clusters that no other stage takes.' }),
  required: z.boolean().optional(),
  waves: z
    .strictObject({
      start: amount.optional(),
      growth: z.number().min(1, 'must be at least 1').max(100, 'must be at most 100').optional(),
      max: amount.optional(),
    })
    .optional(),
  order: z
    .strictObject({ by: z.enum(['hash']).optional(), oneDomainAtATime: labelKey.optional() })
    .optional(),
  failure: z.strictObject({ max: amount.optional() }).optional(),
  soak: duration.optional(),
  checks: z.array(dnsLabel).optional(),
  after: z.array(z.enum(['approval'])).optional(),
});

/** kind: RolloutStrategy. */
export const strategySchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('RolloutStrategy'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({
    stages: z.array(stage).min(1, 'must hold at least one stage').max(50, 'must hold at most 50 stages'),
    defaults: z
      .strictObject({
        failure: z
          .strictObject({
            max: amount.optional(),
            total: amount.optional(),
            action: z.enum(['halt', 'rollback']).optional(),
          })
          .optional(),
        deadline: duration.optional(),
        offline: z
          .strictObject({
            after: duration.optional(),
            before: z.enum(['defer', 'fail']).optional(),
            afterStart: z.enum(['fail', 'defer']).optional(),
          })
          .optional(),
        minSamples: percentage.optional(),
      })
      .optional(),
  }),
});

/** A strategy as written. */
export type RawStrategy = z.output<typeof strategySchema>;
/** One stage as written. */
export type RawStage = RawStrategy['spec']['stages'][number];
