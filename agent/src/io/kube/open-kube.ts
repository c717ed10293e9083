import type { GroupVersionKind, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { apiVersionOf, formatRef, refOf } from '@flotilla/shared/model';
import type { KubePort, KubeRequestInfo, KubeResource, KubeSelection } from '../../kube-port.ts';
import { findResource } from '../../kube-port.ts';
import {
  attemptedCreate,
  badRequestError,
  kubeErrorFrom,
  undiscoveredKindError,
  unknownKindError,
  unreachableError,
} from '../../kube-status.ts';
import type { KubeConfig } from './config.ts';
import type { DiscoveryCache } from './discovery.ts';
import { createDiscoveryCache } from './discovery.ts';
import type { HttpCall, HttpClient } from './http.ts';
import { openHttpClient } from './http.ts';
import { listAll } from './list.ts';
import { objectFrom } from './objects.ts';
import type { PathTarget } from './paths.ts';
import { pathOf, withQuery } from './paths.ts';
import { parseObject, parseStatusBody, textOf } from './status-body.ts';
import { watchEvents } from './watch.ts';

/** What one request is for: in words for errors, and in RBAC's words. */
interface Purpose {
  readonly attempted: string;
  readonly request: KubeRequestInfo | undefined;
}

/** One request and what it is for. */
type KubeCall = HttpCall & Purpose;

/** Opens the adapter for one API server. Nothing is sent before the first call. */
export function openKube(config: KubeConfig): KubePort {
  return new RealKube(config);
}

class RealKube implements KubePort {
  readonly #config: KubeConfig;
  readonly #http: HttpClient;
  readonly #discovery: DiscoveryCache;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.#http = openHttpClient(config);
    this.#discovery = createDiscoveryCache(this.#http);
  }

  async serverVersion(signal: AbortSignal): Promise<string> {
    const purpose = { attempted: 'read version', request: undefined };
    const body = await this.#object({ method: 'GET', path: '/version', ...purpose }, signal);
    return textOf(body['gitVersion']);
  }

  discover(options: { readonly fresh: boolean }, signal: AbortSignal) {
    return options.fresh ? this.#discovery.fresh(signal) : this.#discovery.cached(signal);
  }

  async get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    const target = await this.#target(ref, `get ${formatRef(ref)}`, signal);
    const purpose = purposeOf(target, `get ${formatRef(ref)}`, ['get']);
    const body = await this.#objectOrAbsent({ method: 'GET', path: pathOf(target), ...purpose }, signal);
    return body === undefined ? undefined : objectFrom(body, ref);
  }

  async list(selection: KubeSelection, signal: AbortSignal) {
    const { path, ...purpose } = await this.#collection(selection, 'list', signal);
    return await listAll({
      path,
      selection,
      ...purpose,
      pageItems: this.#config.pageItems,
      read: (page, accept) => this.#object({ method: 'GET', path: page, accept, ...purpose }, signal),
    });
  }

  async *watch(selection: KubeSelection, resourceVersion: string, signal: AbortSignal) {
    const { path, ...purpose } = await this.#collection(selection, 'watch', signal);
    const call = { path, selection, resourceVersion, timing: this.#config.timing, ...purpose };
    yield* watchEvents(this.#http, call, signal);
  }

  async apply(object: KubeObject, options: Parameters<KubePort['apply']>[1], signal: AbortSignal) {
    const ref = refOf(object);
    const attempted = `apply ${formatRef(ref)}`;
    const named = await this.#target(ref, attempted, signal);
    const target = options.subresource === undefined ? named : { ...named, subresource: options.subresource };
    const path = withQuery(pathOf(target), {
      fieldManager: options.fieldManager,
      fieldValidation: options.fieldValidation,
      force: options.force ? 'true' : undefined,
      dryRun: options.dryRun ? 'All' : undefined,
    });
    const verbs = options.subresource === undefined ? ['patch', 'create'] : ['patch'];
    return await this.#write(
      {
        method: 'PATCH',
        path,
        contentType: 'application/apply-patch+yaml',
        body: JSON.stringify(object),
        ...purposeOf(target, attempted, verbs),
      },
      ref,
      signal,
    );
  }

  async create(object: KubeObject, options: Parameters<KubePort['create']>[1], signal: AbortSignal) {
    const ref = refOf(object);
    const attempted = attemptedCreate(object);
    const { name, ...target } = await this.#target(ref, attempted, signal);
    const path = withQuery(pathOf(target), {
      fieldManager: options.fieldManager,
      fieldValidation: 'Strict',
      dryRun: options.dryRun ? 'All' : undefined,
    });
    const purpose = purposeOf({ ...target, ...(name === undefined ? {} : { name }) }, attempted, ['create']);
    return await this.#write({ method: 'POST', path, body: JSON.stringify(object), ...purpose }, ref, signal);
  }

  async mergePatch(
    ref: ObjectRef,
    patch: Parameters<KubePort['mergePatch']>[1],
    options: { readonly fieldManager: string },
    signal: AbortSignal,
  ) {
    const attempted = `patch ${formatRef(ref)}`;
    const target = await this.#target(ref, attempted, signal);
    const path = withQuery(pathOf(target), { fieldManager: options.fieldManager });
    return await this.#write(
      {
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: JSON.stringify(patch),
        ...purposeOf(target, attempted, ['patch']),
      },
      ref,
      signal,
    );
  }

  async delete(ref: ObjectRef, options: Parameters<KubePort['delete']>[1], signal: AbortSignal) {
    const attempted = `delete ${formatRef(ref)}`;
    const target = await this.#target(ref, attempted, signal);
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: options.uid, resourceVersion: options.resourceVersion },
      propagationPolicy: options.propagation,
      ...(options.dryRun ? { dryRun: ['All'] } : {}),
    });
    const purpose = purposeOf(target, attempted, ['delete']);
    const answer = await this.#objectOrAbsent(
      { method: 'DELETE', path: pathOf(target), body, ...purpose },
      signal,
    );
    return answer !== undefined;
  }

  async close(): Promise<void> {
    this.#http.close();
  }

  async #write(call: KubeCall, kind: GroupVersionKind, signal: AbortSignal): Promise<KubeObject> {
    return objectFrom(await this.#object(call, signal), kind);
  }

  async #object(call: KubeCall, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#answer(call, signal);
    if (answer.status >= 300) throw kubeErrorFrom(this.#refusal(answer), call.attempted, call.request);
    return bodyOf(answer.text, call);
  }

  /** Undefined only when the server says of this very object that it is not there. */
  async #objectOrAbsent(call: KubeCall, signal: AbortSignal) {
    const answer = await this.#answer(call, signal);
    if (answer.status < 300) return bodyOf(answer.text, call);
    const refusal = this.#refusal(answer);
    if (refusal.code === 404 && refusal.name !== undefined) return undefined;
    throw kubeErrorFrom(refusal, call.attempted, call.request);
  }

  /** A 404 that names no object means that the path is not served any more: what discovery said is outdated. */
  #refusal(answer: Parameters<typeof parseStatusBody>[0]) {
    const status = parseStatusBody(answer);
    if (status.code === 404 && status.name === undefined) this.#discovery.invalidate();
    return status;
  }

  async #answer(call: KubeCall, signal: AbortSignal) {
    signal.throwIfAborted();
    try {
      return await this.#http.send(call, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreachableError(call.attempted, error, call.request);
    }
  }

  async #collection(selection: KubeSelection, verb: 'list' | 'watch', signal: AbortSignal) {
    const attempted = `${verb} ${selection.kind.kind}${selection.namespace === undefined ? '' : ` in ${selection.namespace}`}`;
    const resource = await this.#resource(selection.kind, attempted, signal);
    const target = { ...resource, namespace: selection.namespace };
    return { path: pathOf(target), ...purposeOf(target, attempted, [verb]) };
  }

  async #target(ref: ObjectRef, attempted: string, signal: AbortSignal): Promise<PathTarget> {
    const resource = await this.#resource(ref, attempted, signal);
    if (resource.isNamespaced && (ref.namespace === undefined || ref.namespace === ''))
      throw badRequestError(attempted, `${ref.kind} is namespaced and no namespace was given`);
    return {
      group: resource.group,
      version: resource.version,
      resource: resource.resource,
      namespace: resource.isNamespaced ? ref.namespace : undefined,
      name: ref.name,
    };
  }

  /** What is not in the cached discovery is asked for once more before it counts as not served. */
  async #resource(kind: GroupVersionKind, attempted: string, signal: AbortSignal): Promise<KubeResource> {
    const cached = findResource(await this.#discovery.cached(signal), kind);
    if (cached !== undefined) return cached;
    const discovery = await this.#discovery.fresh(signal);
    const found = findResource(discovery, kind);
    if (found !== undefined) return found;
    const failed = discovery.failedGroups.find(
      (one) => one.group === kind.group && one.version === kind.version,
    );
    if (failed !== undefined) throw undiscoveredKindError(attempted, apiVersionOf(kind), failed.text);
    throw unknownKindError(attempted, apiVersionOf(kind), kind.kind);
  }
}

function purposeOf(target: PathTarget, attempted: string, verbs: readonly string[]) {
  const { group, resource, subresource, namespace, name } = target;
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  return { attempted, request: { verbs, group, resource: path, namespace, name } satisfies KubeRequestInfo };
}

function bodyOf(text: string, call: KubeCall): Readonly<Record<string, unknown>> {
  const body = parseObject(text);
  if (body === undefined)
    throw unreachableError(call.attempted, new Error('the answer is not a JSON object'), call.request);
  return body;
}
