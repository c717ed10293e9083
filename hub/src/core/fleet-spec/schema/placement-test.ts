import {
  anyMapping,
  clusterName,
  dnsLabel,
  labelKey,
  labelValue,
  metadata,
  placementName,
  plainName,
  repositoryPath,
  someText,
} from './words.ts';
import { z } from './zod.ts';

const testCluster = z.strictObject({
  name: clusterName,
  labels: z.record(labelKey, labelValue).optional(),
  taints: z.array(z.strictObject({ key: labelKey, value: labelValue.optional() })).optional(),
  cordon: z.boolean().optional(),
});

const clusterNames = z.array(clusterName).min(1, 'must name at least one cluster');

const expectation = z.strictObject({
  placement: placementName,
  placed: clusterNames.optional().meta({ description: 'It goes to these clusters.' }),
  notPlaced: clusterNames.optional().meta({ description: 'It does not go to these clusters.' }),
  exactly: z
    .array(clusterName)
    .optional()
    .meta({ description: 'It goes to these clusters of the test and to no other.' }),
  reason: plainName
    .optional()
    .meta({ description: 'Of notPlaced: the code of one of the reasons, as why-not shows it.' }),
  path: repositoryPath.optional().meta({ description: 'The path that is rendered there.' }),
  namespace: dnsLabel.optional(),
  values: anyMapping.optional().meta({ description: 'Helm values that the clusters get, among others.' }),
  variables: z.record(z.string(), z.string()).optional(),
  strategy: dnsLabel.optional(),
});

/** kind: PlacementTest. */
export const placementTestSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('PlacementTest'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({
    description: someText.optional(),
    clusters: z
      .array(testCluster)
      .optional()
      .meta({ description: 'The fleet of the test; without it the clusters that `flotilla test` is given.' }),
    expect: z.array(expectation).min(1, 'must hold at least one expectation'),
  }),
});

/** A test as written. */
export type RawPlacementTest = z.output<typeof placementTestSchema>;
