import type { ObjectRef } from '@flotilla/shared/model';
import type { KubeRequestInfo } from '../../kube-port.ts';
import { badRequestError } from '../../kube-status.ts';
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

/** Requests about one object. */
export type ObjectVerb = 'get' | 'apply' | 'create' | 'patch' | 'delete';

/** The purpose of a request about one object. A namespaced object without a namespace is refused before anything else. */
export function objectPurpose(
  request: {
    readonly verb: ObjectVerb;
    readonly attempted: string;
    readonly subresource: 'status' | undefined;
  },
  ref: ObjectRef,
  kind: Kind,
): Purpose {
  if (kind.isNamespaced && (ref.namespace === undefined || ref.namespace === ''))
    throw badRequestError(request.attempted, `${ref.kind} is namespaced and no namespace was given`);
  const namespace = kind.isNamespaced ? ref.namespace : undefined;
  return { ...request, kind, namespace, name: ref.name };
}

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
