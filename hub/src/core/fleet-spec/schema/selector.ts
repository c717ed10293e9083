import { clusterName, dnsLabel, labelKey, labelValue, someText } from './words.ts';
import { z } from './zod.ts';

const expression = z.strictObject({
  key: labelKey,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(labelValue).optional(),
});

/** Which clusters. Every part that is given must hold; `exclude` takes clusters away. */
export const selector = z.strictObject({
  matchLabels: z.record(labelKey, labelValue).optional(),
  matchExpressions: z.array(expression).optional(),
  cel: someText.optional().meta({ description: 'Expression in CEL over labels, facts and name.' }),
  names: z.array(clusterName).optional(),
  group: dnsLabel.optional().meta({ description: 'Name of a ClusterGroup.' }),
  exclude: z.array(clusterName).optional(),
});

/** The selector of a placement: also which taints it bears and how many it takes. */
export const placementSelector = z.strictObject({
  ...selector.shape,
  tolerate: z
    .array(labelKey)
    .optional()
    .meta({ description: 'Keys of taints that do not keep the placement away.' }),
  pick: z
    .strictObject({ count: z.int().min(1), spreadBy: labelKey.optional() })
    .optional()
    .meta({ description: 'Take only so many, spread over the values of a label; who runs it keeps it.' }),
});

/** A selector as written. */
export type RawSelector = z.output<typeof selector>;
/** The selector of a placement as written. */
export type RawPlacementSelector = z.output<typeof placementSelector>;
