import {
  type Reading,
  toCheck,
  toCluster,
  toGroup,
  toPlacement,
  toPlacementTest,
  toPolicy,
  toSource,
  toStrategy,
  toWindow,
} from './convert/index.ts';
import type { SpecDocument, SpecKind } from './model.ts';
import {
  checkSchema,
  clusterSchema,
  groupSchema,
  placementSchema,
  placementTestSchema,
  policySchema,
  sourceSchema,
  strategySchema,
  windowSchema,
  z,
} from './schema/index.ts';

/** API version of the documents that this program reads. */
export const specVersion = 'flotilla.dev/v1alpha1';

/** What reads one kind of document: its schema, and the way from there to the model. */
export interface KindReader {
  readonly schema: z.ZodType;
  /** The model, or what the schema says is wrong. */
  read(value: unknown, reading: Reading): SpecDocument | readonly z.core.$ZodIssue[];
}

/** Every kind of document, with the one definition that parser and JSON Schema share. */
export const kinds: { readonly [Kind in SpecKind]: KindReader } = {
  Placement: reader(placementSchema, (raw, reading) => ({
    kind: 'Placement',
    spec: toPlacement(raw, reading),
  })),
  RolloutStrategy: reader(strategySchema, (raw, reading) => ({
    kind: 'RolloutStrategy',
    spec: toStrategy(raw, reading),
  })),
  FleetPolicy: reader(policySchema, (raw, reading) => ({
    kind: 'FleetPolicy',
    spec: toPolicy(raw, reading),
  })),
  ChangeWindow: reader(windowSchema, (raw, reading) => ({
    kind: 'ChangeWindow',
    spec: toWindow(raw, reading),
  })),
  Source: reader(sourceSchema, (raw, reading) => ({ kind: 'Source', spec: toSource(raw, reading) })),
  ClusterGroup: reader(groupSchema, (raw, reading) => ({
    kind: 'ClusterGroup',
    spec: toGroup(raw, reading),
  })),
  Cluster: reader(clusterSchema, (raw, reading) => ({ kind: 'Cluster', spec: toCluster(raw, reading) })),
  Check: reader(checkSchema, (raw, reading) => ({ kind: 'Check', spec: toCheck(raw, reading) })),
  PlacementTest: reader(placementTestSchema, (raw, reading) => ({
    kind: 'PlacementTest',
    spec: toPlacementTest(raw, reading),
  })),
};

function reader<Schema extends z.ZodType>(
  schema: Schema,
  convert: (raw: z.output<Schema>, reading: Reading) => SpecDocument,
): KindReader {
  return {
    schema,
    read(value, reading) {
      const parsed = schema.safeParse(value);
      return parsed.success ? convert(parsed.data, reading) : parsed.error.issues;
    },
  };
}

/** The reader of a kind; undefined when there is no such kind. */
export function kindReader(kind: string): KindReader | undefined {
  return Object.hasOwn(kinds, kind) ? kinds[kind as SpecKind] : undefined;
}

/** JSON Schema (2020-12) of each kind of document, from the definitions that the parser uses. */
export function jsonSchemas(): { readonly [kind: string]: unknown } {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, one]) => {
      const schema = z.toJSONSchema(one.schema, { io: 'input' });
      const properties = { ...schema.properties, apiVersion: { const: specVersion } };
      return [kind, { ...schema, title: `${specVersion} ${kind}`, properties }];
    }),
  );
}
