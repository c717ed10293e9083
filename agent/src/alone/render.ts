import type { PlacementName } from '@flotilla/shared/base';
import { FlotillaError, parsePlacementName } from '@flotilla/shared/base';
import { systemClock } from '@flotilla/shared/kit';
import type { KubeObject } from '@flotilla/shared/model';
import {
  applySetId,
  formatOwner,
  formatProblem,
  type KindTable,
  makeKindTable,
  parentRef,
  placeObjects,
  type RenderProblem,
  type SourceObject,
} from '../core/index.ts';
import { writeYaml } from '../core/render/yaml.ts';
import { renderFiles } from '../loops/index.ts';
import type { KubePort } from '../ports.ts';
import { aloneOwner } from './owner.ts';
import type { RenderConfig } from './settings.ts';
import { openSource } from './source.ts';
import { openCluster, openRenderers, scratchFolder } from './tools.ts';
import { renderOf } from './variant.ts';

/** What a standalone render prints. */
export interface RenderOutcome {
  readonly objects: readonly { readonly object: KubeObject; readonly origin: string }[];
  /** What was left out, or is not known, one sentence each. */
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Renders as the agent would. With a cluster the objects are exactly what would be applied there; without one they are as the
 * files say them. Rejects when the content, a render program or the cluster cannot be had.
 */
export async function renderAlone(config: RenderConfig, signal: AbortSignal): Promise<RenderOutcome> {
  await using stack = new AsyncDisposableStack();
  const scratch = await scratchFolder(stack);
  const source = stack.use(await openSource(config, scratch));
  const kube = config.kubeconfig === undefined ? undefined : await openCluster(config, stack);
  const cluster = kube === undefined ? undefined : await lookAt(kube, signal);
  const content = await source.resolve(signal);
  const fetched = await source.port.fetch(content, undefined, signal);
  const tools = {
    clock: systemClock(),
    ...openRenderers(config),
    capabilities: async () => cluster ?? { kubeVersion: config.kubeVersion, kinds: noKinds },
  };
  const about = { fetched, render: renderOf(config), ignore: [], clusterName: 'this cluster' };
  const result = await renderFiles(tools, { ...about, placement: config.name }, signal);
  if (result.kind === 'problems') return failed(result.problems);
  const { notes, objects } = result;
  if (cluster === undefined) return { objects: objects.map(asWritten), notes, problems: [] };
  const placed = place(objects, { config, cluster });
  return { ...placed, notes: [...notes, ...placed.notes] };
}

/** The objects as one stream of YAML, each with where it comes from, or as one List. */
export function printObjects({ objects }: RenderOutcome, output: RenderConfig['output']): string {
  if (output === 'json') {
    const items = objects.map(({ object }) => object);
    return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
  }
  return objects.map(({ object, origin }) => `---\n# Source: ${origin}\n${writeYaml(object)}`).join('');
}

const noKinds = makeKindTable({ resources: [], failedGroups: [] });

interface Cluster {
  readonly kubeVersion: string;
  readonly kinds: KindTable;
  readonly uid: string;
}

async function lookAt(kube: KubePort, signal: AbortSignal): Promise<Cluster> {
  const kinds = makeKindTable(await kube.discover({ fresh: true }, signal));
  return { kinds, kubeVersion: await kube.serverVersion(signal), uid: await systemUid(kube, signal) };
}

/** The uid of kube-system, which stands for the cluster. */
export async function systemUid(kube: KubePort, signal: AbortSignal): Promise<string> {
  const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: undefined, name: 'kube-system' };
  const uid = (await kube.get(ref, signal))?.metadata.uid;
  if (uid !== undefined) return uid;
  throw new FlotillaError('the cluster has no namespace kube-system', {
    code: 'CLUSTER_ODD',
    retry: 'never',
  });
}

/** The name of a set, which follows the rules of placements. */
export function setName(name: string): PlacementName {
  const parsed = parsePlacementName(name);
  if (parsed.ok) return parsed.value;
  throw new FlotillaError(`--name: ${parsed.error}`, { code: 'NAME_BROKEN', retry: 'never' });
}

function place(
  objects: readonly SourceObject[],
  about: { readonly config: RenderConfig; readonly cluster: Cluster },
): RenderOutcome {
  const { config, cluster } = about;
  const placement = setName(config.name);
  const agentNamespace = 'flotilla-system';
  const placing = placeObjects(objects, {
    kinds: cluster.kinds,
    placement,
    setId: applySetId(parentRef('Assignment', placement, agentNamespace)),
    owner: formatOwner(aloneOwner(cluster.uid)),
    namespace: config.namespace,
    agentNamespace,
    ignore: [],
    autoscaledElsewhere: new Set(),
  });
  if (placing.problems.length > 0) return failed(placing.problems);
  return {
    objects: placing.placed.map(({ payload, origin }) => ({
      // The payload is the JSON text of an object.
      object: JSON.parse(payload) as KubeObject,
      origin: `${origin.path}:${origin.document}`,
    })),
    notes: placing.unplaced.map(
      ({ kind, name }) => `${kind.kind} ${name} waits until the cluster serves its kind, and is not shown`,
    ),
    problems: [],
  };
}

function asWritten({ object, origin }: SourceObject) {
  return { object, origin: `${origin.path}:${origin.document}` };
}

function failed(problems: readonly RenderProblem[]): RenderOutcome {
  return { objects: [], notes: [], problems: problems.map(formatProblem) };
}
