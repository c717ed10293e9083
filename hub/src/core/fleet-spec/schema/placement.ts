import { placementSelector, selector } from './selector.ts';
import {
  anyMapping,
  commitText,
  dnsLabel,
  duration,
  jsonPointer,
  metadata,
  objectTarget,
  placementName,
  pointInTime,
  refText,
  repositoryPath,
  someText,
} from './words.ts';
import { z } from './zod.ts';

const source = z.strictObject({
  repo: dnsLabel
    .optional()
    .meta({ description: 'Name of a Source; absent = the control repository itself.' }),
  ref: refText.optional().meta({ description: 'Branch, tag or commit.' }),
  path: repositoryPath,
  includes: z.array(repositoryPath).optional().meta({
    description: 'Other folders that the render needs and that cannot be found from kustomizations.',
  }),
});

const render = z.strictObject({
  renderer: z.enum(['auto', 'plain', 'kustomize', 'helm']).optional().meta({
    description: 'Found out from the files when absent: kustomization.yaml, Chart.yaml, else YAML.',
  }),
  helm: z
    .strictObject({
      releaseName: dnsLabel.optional(),
      namespace: dnsLabel.optional(),
      valuesFiles: z.array(someText).optional(),
      values: anyMapping.optional(),
    })
    .optional(),
  variables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be letters, digits and "_"'), z.string())
    .optional()
    .meta({ description: 'For declared substitution; may hold ${cluster.name} and ${cluster.labels.KEY}.' }),
});

const override = z.strictObject({
  clusters: selector,
  overlay: repositoryPath.optional().meta({ description: 'Another path of the source, rendered instead.' }),
  values: anyMapping.optional(),
  patches: z
    .array(
      z.strictObject({
        target: objectTarget,
        patch: z
          .union([z.array(anyMapping), anyMapping], {
            error: 'must be a list of JSON patch operations (RFC 6902) or a mapping to merge',
          })
          .meta({ description: 'A list of JSON patch operations, or a mapping to merge.' }),
      }),
    )
    .optional(),
});

const health = z.strictObject({
  deadline: duration.optional(),
  checks: z.array(z.strictObject({ ...objectTarget.shape, cel: someText })).optional(),
});

const prune = z.strictObject({
  enabled: z.boolean().optional(),
  maxObjects: z.int().min(0).max(5_000).optional(),
  maxPercent: z.int().min(0).max(100).optional(),
});

const rollout = z.strictObject({
  strategy: dnsLabel.optional().meta({
    description: 'Built in: default, careful, fast, all-at-once; or the name of a RolloutStrategy.',
  }),
  onNewRevision: z.enum(['auto', 'supersede', 'queue', 'block']).optional(),
  history: z.int().min(1).max(100).optional(),
});

/** kind: Placement. */
export const placementSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('Placement'),
  metadata: metadata(placementName),
  spec: z.strictObject({
    source,
    render: render.optional(),
    namespace: dnsLabel.optional(),
    clusters: placementSelector,
    overrides: z.array(override).optional(),
    dependsOn: z.array(placementName).optional(),
    health: health.optional(),
    drift: z.enum(['correct', 'report']).optional(),
    apply: z.enum(['bestEffort', 'atomic']).optional(),
    ignore: z
      .array(
        z.strictObject({ ...objectTarget.shape, pointers: z.array(jsonPointer).min(1, 'must not be empty') }),
      )
      .optional(),
    createNamespace: z.boolean().optional(),
    priority: z.int().min(-1_000_000).max(1_000_000).optional(),
    takeOverFrom: placementName.optional(),
    confirm: duration.optional(),
    prune: prune.optional(),
    rollout: rollout.optional(),
    onUnmatch: z.enum(['prune', 'orphan']).optional(),
    takeover: z.enum(['ifNoDiff', 'always', 'never']).optional(),
    hold: z
      .strictObject({
        release: commitText.meta({ description: 'Commit whose release stays.' }),
        reason: someText,
        until: pointInTime
          .optional()
          .meta({ description: 'A day (its first moment, UTC) or a time with zone.' }),
      })
      .optional()
      .meta({
        description: 'Keeps the placement at one release that it had, until the day or the removal of this.',
      }),
  }),
});

/** A placement as written. */
export type RawPlacement = z.output<typeof placementSchema>;
