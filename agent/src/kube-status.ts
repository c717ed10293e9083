import type { RetryAdvice } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import { formatRef, refOf } from '@flotilla/shared/model';
import type { KubeErrorCause, KubeRequestInfo } from './kube-port.ts';
import { KubeError } from './kube-port.ts';

/** The part of a Kubernetes Status body (meta/v1) that errors are made from. */
export interface KubeStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly KubeErrorCause[];
  /** `details.name`: set when the answer speaks of one object rather than of a path. */
  readonly name: string | undefined;
  /** `details.retryAfterSeconds`, or the Retry-After header. */
  readonly retryAfterMs: number | undefined;
}

/** Turns the server's refusal into the error that every adapter throws. `attempted` reads like `apply Deployment a/b`. */
export function kubeErrorFrom(
  status: KubeStatus,
  attempted: string,
  request: KubeRequestInfo | undefined,
): KubeError {
  const rule =
    request !== undefined && isMissingRight(status) ? `; missing rule: ${describeRule(request)}` : '';
  return new KubeError(`${attempted}: ${status.message || `HTTP ${status.code}`}${rule}`, {
    code: errorCodeOf(status),
    retry: retryAdviceOf(status),
    status: status.code,
    reason: status.reason,
    causes: status.causes,
    retryAfterMs: status.retryAfterMs,
    ...(request === undefined ? {} : { request }),
  });
}

/**
 * Authorization says who cannot do what (`User "x" cannot list resource "pods" ...`). Admission refuses with 403 too: a
 * quota, a webhook, Pod Security, a namespace that is being deleted. No rule would help there.
 */
function isMissingRight({ code, message }: KubeStatus): boolean {
  return code === 403 && /\bcannot \S+ (resource|path) "/.test(message);
}

/** The server could not be asked, or did not answer in time. */
export function unreachableError(attempted: string, cause: unknown, request?: KubeRequestInfo): KubeError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new KubeError(`${attempted}: no answer from the API server: ${text}`, {
    code: 'KUBE_UNREACHABLE',
    retry: 'backoff',
    status: 0,
    reason: '',
    causes: [],
    retryAfterMs: undefined,
    ...(request === undefined ? {} : { request }),
    cause,
  });
}

/**
 * The server does not serve this kind at this version. That says nothing about objects: they may exist in another
 * version, so callers never conclude from it that something is gone.
 */
export function unknownKindError(attempted: string, apiVersion: string, kind: string): KubeError {
  return new KubeError(`${attempted}: the server does not serve kind ${kind} of ${apiVersion}`, {
    code: 'KUBE_KIND_UNKNOWN',
    retry: 'backoff',
    status: 404,
    reason: 'NotFound',
    causes: [],
    retryAfterMs: undefined,
  });
}

/** The discovery of a kind's group failed, so whether the kind exists is not known. */
export function undiscoveredKindError(attempted: string, apiVersion: string, text: string): KubeError {
  return new KubeError(`${attempted}: discovery of ${apiVersion} failed: ${text}`, {
    code: 'KUBE_KIND_UNDISCOVERED',
    retry: 'backoff',
    status: 503,
    reason: 'ServiceUnavailable',
    causes: [],
    retryAfterMs: undefined,
  });
}

/** The request cannot be sent as it is; the server was not asked. */
export function badRequestError(attempted: string, text: string): KubeError {
  return new KubeError(`${attempted}: ${text}`, {
    code: 'KUBE_BAD_REQUEST',
    retry: 'never',
    status: 400,
    reason: 'BadRequest',
    causes: [],
    retryAfterMs: undefined,
  });
}

/**
 * The RBAC rule that would allow a request, as one line of YAML flow that people can paste into a role. It has every verb
 * that the agent needs of such objects: told one at a time, a person would have to grant three times.
 */
export function describeRule(request: KubeRequestInfo): string {
  const scope = request.namespace === undefined ? 'cluster-wide' : `in namespace ${request.namespace}`;
  const verbs = ruleVerbs(request).join(', ');
  return `{apiGroups: ["${request.group}"], resources: ["${request.resource}"], verbs: [${verbs}]} ${scope}`;
}

const readVerbs = ['get', 'list', 'watch'];
const applyVerbs = [...readVerbs, 'create', 'patch', 'update', 'delete'];
/** Kinds that are looked at for the health of others and seldom applied, as the listed profile of deploy/agent has them. */
const observed = new Set(['pods', 'events', 'endpoints', 'persistentvolumeclaims', 'replicasets']);

function ruleVerbs({ verbs, resource }: KubeRequestInfo): readonly string[] {
  if (resource.includes('/')) return verbs;
  const isRead = verbs.every((verb) => readVerbs.includes(verb));
  return isRead && observed.has(resource) ? readVerbs : applyVerbs;
}

/** What a create attempts, in words: an object that gets its name from the server is shown by its prefix and `*`. */
export function attemptedCreate(object: KubeObject): string {
  const { name, generateName = '' } = object.metadata;
  // A name is missing where the server makes it.
  const shown = (name as string | undefined) ?? `${generateName}*`;
  return `create ${formatRef({ ...refOf(object), name: shown })}`;
}

/** True for a refused apply because other managers own fields: `causes` name them. */
export function isApplyConflict(error: KubeError): boolean {
  return error.status === 409 && error.causes.some((cause) => cause.reason === 'FieldManagerConflict');
}

function errorCodeOf(status: KubeStatus): string {
  if (status.reason === '') return `KUBE_HTTP_${status.code}`;
  return `KUBE_${status.reason.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase()}`;
}

function retryAdviceOf(status: KubeStatus): RetryAdvice {
  if (status.code === 410) return 'now';
  if (status.code === 409) return adviceOfConflict(status);
  // 401: the token file may be replaced any moment. 408, 429 and 5xx pass by themselves.
  const passes = status.code >= 500 || [401, 408, 429].includes(status.code);
  return passes ? 'backoff' : 'never';
}

function adviceOfConflict(status: KubeStatus): RetryAdvice {
  const needsDecision =
    status.reason === 'AlreadyExists' ||
    status.causes.some((cause) => cause.reason === 'FieldManagerConflict');
  return needsDecision ? 'never' : 'now';
}
