/**
 * Writes agent/src/io/kube-simulated/core/schema/builtin-types.ts: the shapes of the built-in kinds that the simulated
 * cluster knows, read from a real API server's OpenAPI document (fields, lists as maps or sets, atomic structures) and
 * from the Go types of the same release (which empty values are left out of JSON). Run it when the Kubernetes release
 * in test/tools/finder/table.ts changes:
 *   node test/contracts/kube/generate/main.ts <folder of k8s.io modules> <release, e.g. v0.36.3>
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startControlPlane } from '../../../real/control-plane/index.ts';
import { rootFolder } from '../../../tools/index.ts';
import type { GoFields } from './go-fields.ts';
import { readGoFields } from './go-fields.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
}

/** Longest line that several descriptions share. */
const packedLineMax = 160;

type Definitions = Readonly<Record<string, Schema>>;

/** The kinds of the simulated cluster, by definition name. */
const roots = [
  ...[
    'Namespace',
    'ConfigMap',
    'Secret',
    'Service',
    'ServiceAccount',
    'Pod',
    'Event',
    'PersistentVolumeClaim',
  ],
  ...['LimitRange', 'ResourceQuota'],
].map((kind) => `io.k8s.api.core.v1.${kind}`);
roots.push(
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind) => `io.k8s.api.apps.v1.${kind}`),
  ...['Job', 'CronJob'].map((kind) => `io.k8s.api.batch.v1.${kind}`),
  ...['Ingress', 'IngressClass', 'NetworkPolicy'].map((kind) => `io.k8s.api.networking.v1.${kind}`),
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => `io.k8s.api.rbac.v1.${kind}`),
  'io.k8s.api.policy.v1.PodDisruptionBudget',
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  'io.k8s.api.coordination.v1.Lease',
  'io.k8s.api.scheduling.v1.PriorityClass',
  'io.k8s.api.storage.v1.StorageClass',
);

/** Definitions that are values of their own: the OpenAPI document says too little about them. */
const leafTypes: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'v',
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'q',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 't',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': '*',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': '*',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': '*',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': '*',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': '*',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': '*',
};

/** Key fields with a default (`+default` of the Go types), which OpenAPI v2 does not carry. */
const keyDefaults: Readonly<Record<string, string>> = { protocol: 'TCP' };

async function main(modulesFolder: string, release: string): Promise<void> {
  await using plane = await startControlPlane({ nodes: 0 });
  // The document's shape is OpenAPI v2's.
  const document = (await plane.admin.json('GET', '/openapi/v2')) as { definitions: Definitions };
  const version = (await plane.admin.json('GET', '/version')) as { gitVersion: string };
  const go = await readGoFields(modulesFolder, release);
  const lines = packed(describeClosure(document.definitions, go));
  const text = `/**
 * Shapes of the built-in kinds, generated from Kubernetes ${version.gitVersion} by
 * test/contracts/kube/generate/main.ts (which explains the sources); parse-types.ts explains the notation.
 */
export const builtinTypes = \`
${lines.join('\n')}
\`;
`;
  await writeFile(join(rootFolder, 'agent/src/io/kube-simulated/core/schema/builtin-types.ts'), text);
}

/** Puts short descriptions together on one line, so that the file stays a page. */
function packed(descriptions: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const description of descriptions) {
    const last = lines.at(-1);
    const joined = last === undefined ? description : `${last}; ${description}`;
    if (last === undefined || joined.length > packedLineMax) lines.push(description);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

function describeClosure(definitions: Definitions, go: GoFields): readonly string[] {
  const pending = [...roots];
  const done = new Map<string, string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (done.has(name)) continue;
    const { line, uses } = describeType(name, definitions, go);
    done.set(name, line);
    pending.push(...uses);
  }
  return [...done.values()].sort();
}

function describeType(name: string, definitions: Definitions, go: GoFields) {
  const definition = definitions[name];
  if (definition === undefined) throw new Error(`the API server does not describe ${name}`);
  const uses: string[] = [];
  const use = (used: string) => {
    uses.push(used);
    return shortName(used);
  };
  const fields = Object.entries(definition.properties ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([field, schema]) => {
      const flag = go.flagOf(name, field, isStruct(schema, definitions));
      return `${field}:${describeRef(schema, definitions, use)}${flag}`;
    });
  const atomic = definition['x-kubernetes-map-type'] === 'atomic' ? '#' : '';
  return { line: `${atomic}${shortName(name)} ${fields.join(' ')}`, uses };
}

function isStruct(schema: Schema, definitions: Definitions): boolean {
  const target = targetOf(schema);
  return (
    target !== undefined && leafTypes[target] === undefined && definitions[target]?.properties !== undefined
  );
}

function describeRef(schema: Schema, definitions: Definitions, use: (name: string) => string): string {
  const target = targetOf(schema);
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? '#' : '';
  if (target !== undefined) return leafTypes[target] ?? `${atomic}${use(target)}`;
  if (schema.type === 'array') return describeList(schema, definitions, use);
  if (schema.type === 'object' && schema.additionalProperties !== undefined)
    return `{${atomic}${describeRef(schema.additionalProperties, definitions, use)}}`;
  if (schema.type === 'object') return '*';
  const scalars: Readonly<Record<string, string>> = { string: 's', integer: 'i', number: 'n', boolean: 'b' };
  return scalars[schema.type ?? ''] ?? '*';
}

function describeList(schema: Schema, definitions: Definitions, use: (name: string) => string): string {
  const item = describeRef(schema.items ?? {}, definitions, use);
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'set') return `[=${item}]`;
  if (listType !== 'map') return `[${item}]`;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => {
    const standard = keyDefaults[key];
    return standard === undefined ? key : `${key}~${standard}`;
  });
  return `[${keys.join(',')}>${item}]`;
}

function targetOf(schema: Schema): string | undefined {
  return schema.$ref?.replace('#/definitions/', '');
}

/** `Deployment`, or with its group where two groups use the name. */
function shortName(name: string): string {
  const parts = name.split('.');
  const kind = parts.at(-1) ?? name;
  const group = parts.at(-3) ?? '';
  return ['ServiceReference'].includes(kind) ? `${kind}_${group}` : kind;
}

const [modulesFolder, release] = process.argv.slice(2);
if (modulesFolder === undefined || release === undefined)
  throw new Error('usage: main.ts <folder of k8s.io modules> <release, e.g. v0.36.3>');
await main(modulesFolder, release);
