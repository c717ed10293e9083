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

/** What the audit log says of a request whose client went away, whether it was done or not (seen: 38 of 59 deletes were). */
const cutOffStatus = 504;

/**
 * Deletes that the server did, by its audit log: exactly those that had a cause, each once. One that was cut off by a death
 * may be the one; whether the object went is judged by the objects.
 */
export function judgeDeletes(
  events: readonly Pick<AuditEvent, 'verb' | 'namespace' | 'resource' | 'name' | 'status'>[],
  { namespace, deleted }: Pick<Expected, 'namespace' | 'deleted'>,
): readonly string[] {
  // Only the fields named above are looked at.
  const asked = deletesIn(events as readonly AuditEvent[], { namespace });
  const statuses = Map.groupBy(asked, ({ name, resource }) => `${kindOf(resource)} ${name ?? '*'}`);
  const isDone = ({ status }: Pick<AuditEvent, 'status'>) => status >= 200 && status < 300;
  const isPerhapsDone = ({ status }: Pick<AuditEvent, 'status'>) => status === cutOffStatus;
  return [
    ...deleted.flatMap((key) => {
      const all = statuses.get(key) ?? [];
      const done = all.filter(isDone).length;
      const isOnce = done === 1 || (done === 0 && all.some(isPerhapsDone));
      return isOnce ? [] : [`${key} was deleted ${done} times (${all.map((one) => one.status).join(', ')})`];
    }),
    ...[...statuses]
      .filter(([key, all]) => !deleted.includes(key) && all.some((one) => isDone(one) || isPerhapsDone(one)))
      .map(([key]) => `${key} was deleted without a cause`),
  ];
}

function kindOf(resource: string): string {
  const [kind] = Object.entries(paths).find(([, path]) => path.endsWith(`/${resource}`)) ?? [resource];
  return kind;
}
