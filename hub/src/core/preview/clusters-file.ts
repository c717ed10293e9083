import {
  type ClusterName,
  type ClusterUid,
  err,
  ok,
  parseClusterName,
  type Result,
  sha256Hex,
} from '@flotilla/shared/base';
import type { Cluster, ClusterFacts } from '@flotilla/shared/model';
import { z } from '../fleet-spec/schema/index.ts';

const item = z.object({
  kind: z.literal('Cluster'),
  metadata: z.object({
    name: z.string(),
    uid: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    createdAtMs: z.number().optional(),
  }),
  spec: z
    .object({
      taints: z.array(z.object({ key: z.string(), value: z.string().default('') })).optional(),
      isCordoned: z.boolean().optional(),
    })
    .optional(),
  status: z
    .object({
      kubernetesVersion: z.string().default(''),
      agentVersion: z.string().default(''),
      nodes: z.number().default(0),
      isSimulated: z.boolean().default(false),
      moreFacts: z.record(z.string(), z.string()).default({}),
    })
    .optional(),
});
const list = z.object({ items: z.array(item) });

/**
 * Clusters from what `flotilla get clusters -o json` prints (a list, or one cluster). A cluster without a uid gets one that
 * follows from its name. What the list shows of facts counts as if the clusters said so now. The error says what is wrong
 * with the file.
 */
export function parseClustersFile(text: string): Result<readonly Cluster[], string> {
  const value = parseJson(text);
  if (!value.ok) return value;
  const read = list.safeParse(isOne(value.value) ? { items: [value.value] } : value.value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.map(String).join('.') ?? '';
    return err(`${where === '' ? 'it' : where}: ${issue?.message ?? 'is no list of clusters'}`);
  }
  const clusters: Cluster[] = [];
  for (const [index, one] of read.data.items.entries()) {
    const cluster = toCluster(one);
    if (!cluster.ok) return err(`items.${index}.metadata.name: ${cluster.error}`);
    if (clusters.some(({ name }) => name === cluster.value.name))
      return err(`items.${index}.metadata.name: ${cluster.value.name} is there twice`);
    clusters.push(cluster.value);
  }
  return ok(clusters);
}

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err('it is not JSON; make it by: flotilla get clusters -o json');
  }
}

function isOne(value: unknown): boolean {
  return item.safeParse(value).success;
}

function toCluster({ metadata, spec, status }: z.output<typeof item>): Result<Cluster, string> {
  const name = parseClusterName(metadata.name);
  if (!name.ok) return name;
  return ok({
    // The file was printed by a hub, or the name gives one.
    uid: (metadata.uid as ClusterUid | undefined) ?? uidFromName(name.value),
    name: name.value,
    labels: metadata.labels ?? {},
    taints: spec?.taints ?? [],
    isCordoned: spec?.isCordoned ?? false,
    registeredAtMs: metadata.createdAtMs ?? 0,
    ...(status !== undefined && status.kubernetesVersion !== '' && { facts: factsIn(status) }),
  });
}

function factsIn(status: NonNullable<z.output<typeof item>['status']>): ClusterFacts {
  const { agentVersion: agent, isSimulated, kubernetesVersion: kubernetes, moreFacts: more, nodes } = status;
  return { isFresh: true, values: { agent, isSimulated, kubernetes, more, nodes } };
}

/** A uid for a cluster that no hub has registered: it decides nothing but orders. */
export function uidFromName(name: ClusterName): ClusterUid {
  // Hexadecimal digits of a hash: nobody takes it for anything but an id.
  return sha256Hex(`cluster ${name}`).slice(0, 26) as string as ClusterUid;
}
