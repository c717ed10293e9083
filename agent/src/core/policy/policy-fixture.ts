import type { LocalPolicy } from './local-policy.ts';

/** A policy that limits nothing but what is given. */
export function policyWith(limits: Partial<LocalPolicy> = {}): LocalPolicy {
  return {
    file: 'policy.yaml',
    repositories: undefined,
    kinds: undefined,
    namespaces: undefined,
    clusterKinds: undefined,
    deletesMax: undefined,
    ...limits,
  };
}
