import type { ObjectRef } from '@flotilla/shared/model';
import { formatRef, groupKindKey } from '@flotilla/shared/model';
import { type LocalPolicy, type PolicyRefusal, refuse } from './local-policy.ts';

/** Why a cluster does not take this object; undefined = it does. `ref.namespace` undefined = it is cluster-wide. */
export function refuseObject(
  ref: Pick<ObjectRef, 'group' | 'kind' | 'namespace' | 'name' | 'version'>,
  policy: LocalPolicy | undefined,
): PolicyRefusal | undefined {
  if (policy === undefined) return undefined;
  const what = formatRef(ref);
  if (policy.kinds !== undefined && !isListed(ref, policy.kinds))
    return refuse(policy, 'kinds', `${what} is of a kind that is not taken`);
  if (ref.namespace !== undefined) return refuseNamespace(ref.namespace, what, policy);
  if (ref.kind === 'Namespace' && ref.group === '') return refuseNamespace(ref.name, what, policy);
  if (policy.clusterKinds !== undefined)
    return isListed(ref, policy.clusterKinds)
      ? undefined
      : refuse(policy, 'clusterKinds', `${what} is cluster-wide`);
  if (policy.namespaces === undefined) return undefined;
  return refuse(
    policy,
    'namespaces',
    `${what} is cluster-wide and would act outside of the namespaces allowed`,
  );
}

/** Whether a namespace may be made, or written into. */
export function refuseNamespace(
  namespace: string,
  what: string,
  policy: LocalPolicy | undefined,
): PolicyRefusal | undefined {
  if (policy?.namespaces === undefined) return undefined;
  const isAllowed = policy.namespaces.some((one) =>
    one.endsWith('*') ? namespace.startsWith(one.slice(0, -1)) : namespace === one,
  );
  return isAllowed ? undefined : refuse(policy, 'namespaces', `${what} needs namespace ${namespace}`);
}

function isListed(kind: { readonly group: string; readonly kind: string }, list: readonly string[]): boolean {
  return list.includes(groupKindKey(kind)) || list.includes(`*.${kind.group}`);
}
