import type { StateStore } from '@flotilla/agent/ports';
import { type AdminClient, type AuditEvent, deletesIn } from '../../real/control-plane/index.ts';
import { keyOf, type SetObject } from './sets.ts';

/** What has to be true after a death and a second life. */
export interface Expected {
  readonly namespace: string;
  readonly objects: readonly SetObject[];
  /** Keys of what had to be deleted, each once. */
  readonly deleted: readonly string[];
}

const never = new AbortController().signal;

const paths = {
  ConfigMap: 'api/v1/namespaces/NAMESPACE/configmaps',
  Secret: 'api/v1/namespaces/NAMESPACE/secrets',
  ServiceAccount: 'api/v1/namespaces/NAMESPACE/serviceaccounts',
  Service: 'api/v1/namespaces/NAMESPACE/services',
  Deployment: 'apis/apps/v1/namespaces/NAMESPACE/deployments',
} as const;

/** What is on the server, against what has to be. */
export async function judgeLive(admin: AdminClient, expected: Expected): Promise<readonly string[]> {
  const live = new Map<string, string>();
  for (const [kind, path] of Object.entries(paths)) {
    const { items } = (await admin.json('GET', `/${path.replace('NAMESPACE', expected.namespace)}`)) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
      }[];
    };
    for (const { metadata } of items)
      live.set(`${kind} ${metadata.name}`, metadata.annotations?.['example.org/value'] ?? '');
  }
  const wanted = new Map(expected.objects.map((one) => [keyOf(one), one.value]));
  return [
    ...[...wanted].flatMap(([key, value]) =>
      live.get(key) === value ? [] : [`${key} is ${live.get(key) ?? 'not there'} and should be ${value}`],
    ),
    ...[...live.keys()].filter((key) => !wanted.has(key)).map((key) => `${key} is still there`),
  ];
}

/** What the agent knows to be its own, against what has to be. */
export async function judgeInventory(
  store: StateStore,
  { namespace, objects }: Expected,
): Promise<readonly string[]> {
  // The agent's own format; what is asked of it here is only the names.
  const record = (await store.read(`inventory/${namespace}`, never)) as
    | { readonly entries: readonly { readonly kind: string; readonly name: string }[] }
    | undefined;
  const known = new Set((record?.entries ?? []).map(({ kind, name }) => `${kind} ${name}`));
  const wanted = objects.map(keyOf);
  return [
    ...wanted.filter((key) => !known.has(key)).map((key) => `the inventory has forgotten ${key}`),
    ...[...known].filter((key) => !wanted.includes(key)).map((key) => `the inventory still has ${key}`),
    ...store.damage,
  ];
}

/** Deletes that the server did, by its audit log: exactly those that had a cause, each once. */
export function judgeDeletes(
  events: readonly AuditEvent[],
  { namespace, deleted }: Expected,
): readonly string[] {
  const done = deletesIn(events, { namespace }).filter((event) => event.status >= 200 && event.status < 300);
  const counts = new Map<string, number>();
  for (const event of done) {
    const key = `${kindOf(event.resource)} ${event.name ?? '*'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [
    ...deleted.flatMap((key) =>
      counts.get(key) === 1 ? [] : [`${key} was deleted ${counts.get(key) ?? 0} times`],
    ),
    ...[...counts.keys()]
      .filter((key) => !deleted.includes(key))
      .map((key) => `${key} was deleted without a cause`),
  ];
}

function kindOf(resource: string): string {
  const [kind] = Object.entries(paths).find(([, path]) => path.endsWith(`/${resource}`)) ?? [resource];
  return kind;
}
