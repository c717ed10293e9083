import type { KubeRequestInfo } from '../../kube-port.ts';
import type { Kind } from './core/index.ts';
import type { SimulatedRequest } from './faults.ts';

/** One request: what it is for, in words, and in the words of RBAC and of fault rules. */
export interface Purpose {
  readonly attempted: string;
  readonly verb: SimulatedRequest['verb'];
  readonly kind: Kind | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource?: 'status' | undefined;
}

const rbacVerbs: Readonly<Record<SimulatedRequest['verb'], readonly string[]>> = {
  get: ['get'],
  list: ['list'],
  watch: ['watch'],
  apply: ['patch', 'create'],
  create: ['create'],
  patch: ['patch'],
  delete: ['delete'],
  discover: ['get'],
};

/** A purpose in the words of RBAC; undefined for discovery. */
export function requestInfo(purpose: Purpose): KubeRequestInfo | undefined {
  if (purpose.kind === undefined) return undefined;
  const { group, resource } = purpose.kind;
  const isStatus = purpose.subresource === 'status';
  return {
    verbs: isStatus ? ['patch'] : rbacVerbs[purpose.verb],
    group,
    resource: isStatus ? `${resource}/status` : resource,
    namespace: purpose.namespace,
    name: purpose.name,
  };
}

/** The purpose of a request that is about no kind. */
export function discovery(attempted: string): Purpose {
  return { attempted, verb: 'discover', kind: undefined, namespace: undefined, name: undefined };
}

/** Stands in where a request is about no kind; such requests do not look at it. */
export const noKind: Kind = {
  group: '',
  version: '',
  kind: '',
  resource: '',
  isNamespaced: false,
  hasStatus: false,
  hasGeneration: false,
  verbs: [],
  type: { kind: 'struct', name: '', isAtomic: false, isOpen: true, fields: new Map() },
};
