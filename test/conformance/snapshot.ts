import type { AdminClient } from '../real/control-plane/index.ts';
import type { Manifest } from './reference.ts';

/** An object as the API server gives it. */
export interface LiveBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly managedFields?: readonly { readonly manager?: string; readonly operation?: string }[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** Live objects by `group/Kind namespace/name`. */
export type Snapshot = ReadonlyMap<string, LiveBody>;

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
}

interface Discovered {
  readonly groupVersion: string;
  readonly resource: string;
  readonly kind: string;
}

/** The definition of the objects in which the agent shows what it does: of no set. */
const ownDefinition = 'assignments.flotilla.dev';

/**
 * Every object of every kind that the server serves. Found by listing the server, not by anybody's inventory: that is what
 * is to be judged.
 */
export async function everything(admin: AdminClient): Promise<Snapshot> {
  const found = new Map<string, LiveBody>();
  for (const one of await discover(admin)) {
    const base = one.groupVersion.includes('/') ? `/apis/${one.groupVersion}` : `/api/${one.groupVersion}`;
    const answer = await admin.send('GET', `${base}/${one.resource}`);
    // An aggregated API whose server is away.
    if (answer.status !== 200) continue;
    const { items } = JSON.parse(answer.text) as { readonly items: readonly LiveBody[] };
    for (const item of items)
      if (item.metadata.name !== ownDefinition)
        found.set(keyOf(one, item), { ...item, apiVersion: one.groupVersion, kind: one.kind });
  }
  return found;
}

/** Those that a field manager has applied fields of. An object without any field but its name has no manager at all. */
export function appliedBy(manager: string, all: Snapshot): Snapshot {
  const isIts = ({ metadata }: LiveBody) =>
    (metadata.managedFields ?? []).some((one) => one.manager === manager && one.operation === 'Apply');
  return new Map([...all].filter(([, body]) => isIts(body)));
}

/** The key of a manifest, when a snapshot has it at whatever version. */
export function keyIn(all: Snapshot, manifest: Manifest, namespace: string): string | undefined {
  const { apiVersion, kind, metadata } = manifest;
  const one = { groupVersion: apiVersion, resource: '', kind };
  const namespaced = { ...manifest, metadata: { ...metadata, namespace: metadata.namespace ?? namespace } };
  return [namespaced, { ...manifest, metadata: { name: metadata.name } }]
    .map((body) => keyOf(one, body))
    .find((key) => all.has(key));
}

function keyOf({ groupVersion, kind }: Discovered, { metadata }: Named): string {
  const group = groupVersion.includes('/') ? `${groupVersion.split('/')[0]}/` : '';
  return `${group}${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** Each kind once, at the version that the server prefers. */
async function discover(admin: AdminClient): Promise<readonly Discovered[]> {
  const { groups } = (await admin.json('GET', '/apis')) as {
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const paths = ['/api/v1', ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`)];
  const lists = await Promise.all(paths.map((path) => resourcesAt(admin, path)));
  return lists.flatMap(({ groupVersion, resources = [] }) =>
    resources
      .filter(
        (one) => !one.name.includes('/') && one.verbs.includes('list') && !isNoise(groupVersion, one.kind),
      )
      .map((one) => ({ groupVersion, resource: one.name, kind: one.kind })),
  );
}

async function resourcesAt(admin: AdminClient, path: string): Promise<ResourceList> {
  const answer = await admin.send('GET', path);
  return answer.status === 200
    ? (JSON.parse(answer.text) as ResourceList)
    : { groupVersion: '', resources: [] };
}

/** Kinds that nobody keeps in Git and that both sides write for themselves. */
function isNoise(groupVersion: string, kind: string): boolean {
  return groupVersion.startsWith('flotilla.dev/') || kind === 'Lease' || kind === 'Event';
}
