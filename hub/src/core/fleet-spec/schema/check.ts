import {
  anyMapping,
  dnsLabel,
  duration,
  labelKey,
  labelValue,
  metadata,
  plainName,
  someText,
} from './words.ts';
import { z } from './zod.ts';

/** One object by its name; the version is the one that the cluster prefers. */
const checkedObject = z.strictObject({
  group: z.string().optional().meta({ description: 'API group; leave it out for the core group.' }),
  kind: someText,
  name: someText,
  namespace: dnsLabel.optional().meta({ description: "Default: the placement's namespace." }),
});

/** kind: Check. */
export const checkSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('Check'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({
    kstatus: checkedObject.optional().meta({ description: 'One object is as its manifest asks.' }),
    cel: z
      .strictObject({ ...checkedObject.shape, expression: someText })
      .optional()
      .meta({ description: 'An expression over one object is true.' }),
    job: z
      .strictObject({
        apiVersion: z.literal('batch/v1').optional(),
        kind: z.literal('Job').optional(),
        metadata: z
          .strictObject({
            namespace: dnsLabel.optional(),
            labels: z.record(labelKey, labelValue).optional(),
            annotations: z.record(z.string(), z.string()).optional(),
          })
          .optional(),
        spec: anyMapping,
      })
      .optional()
      .meta({ description: 'A Job without a name, which runs once on each cluster for each version.' }),
    webhook: z
      .strictObject({ url: someText, credential: plainName.optional() })
      .optional()
      .meta({ description: 'The hub asks this URL once all waves of the stage have passed.' }),
    timeout: duration.optional().meta({ description: 'Default: 5m.' }),
  }),
});

/** A check as written. */
export type RawCheck = z.output<typeof checkSchema>;
