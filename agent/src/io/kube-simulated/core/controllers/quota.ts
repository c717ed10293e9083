import { storageKey } from '../kinds/index.ts';
import type { Value } from '../values.ts';
import { objectAt } from '../values.ts';
import type { Reconcile } from './context.ts';
import { find, kindNamed, setStatus } from './context.ts';
import { isFinishedPod } from './pods.ts';

const quotaKind = kindNamed('ResourceQuota');

/** Object counts that are filled in; sums of requests and limits are written as 0. */
const counted: Readonly<Record<string, string>> = {
  configmaps: 'ConfigMap',
  pods: 'Pod',
  secrets: 'Secret',
  services: 'Service',
};

/** Writes what a ResourceQuota limits and how much of it is there. No write is ever refused because of it. */
export const reconcileQuota: Reconcile = (context, key) => {
  const quota = find(context, quotaKind, key);
  if (quota === undefined) return undefined;
  const hard = objectAt(quota, 'spec', 'hard');
  const used = Object.keys(hard).map((name): [string, Value] => {
    const kind = counted[name];
    if (kind === undefined) return [name, '0'];
    const objects = context.state.store.list(storageKey(kindNamed(kind)), key.namespace);
    return [name, String(objects.filter((object) => !isFinishedPod(object)).length)];
  });
  setStatus(context, quotaKind, quota, { hard, used: Object.fromEntries(used) });
  return undefined;
};
