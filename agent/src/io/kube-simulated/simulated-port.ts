import type { Clock } from '@flotilla/shared/base';
import type { GroupVersionKind, KubeObject, ObjectRef } from '@flotilla/shared/model';
import { apiVersionOf, formatRef, refOf } from '@flotilla/shared/model';
import type { KubePort, KubeSelection } from '../../kube-port.ts';
import { attemptedCreate, kubeErrorFrom, unknownKindError, unreachableError } from '../../kube-status.ts';
import { asAnswer } from './answers.ts';
import type { ClusterState, Kind, Written } from './core/index.ts';
import {
  applyObject,
  createObject,
  fromJson,
  getObject,
  listObjects,
  patchObject,
  Refusal,
  removeObject,
} from './core/index.ts';
import type { RefusalRule } from './faults.ts';
import type { ObjectVerb, Purpose } from './purpose.ts';
import { discovery, noKind, objectPurpose, requestInfo } from './purpose.ts';
import { selectionFilter, watchEvents } from './watch-events.ts';
import type { SimulatedWrite, WritableLog } from './write-log.ts';

/** What the ports of one simulated cluster share. */
export interface PortContext {
  readonly state: ClusterState;
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly bookmarkMs: number;
  readonly gitVersion: string;
  readonly log: WritableLog;
  readonly isReachable: () => boolean;
  readonly rules: () => readonly RefusalRule[];
  /** Aborted when open watches are dropped. */
  readonly dropSignal: () => AbortSignal;
}

/** Opens a port for one user of a simulated cluster. */
export function openSimulatedPort(context: PortContext, user: string): KubePort {
  return new SimulatedPort(context, user);
}

/** What the write log needs to know of a write. */
interface WriteOptions {
  readonly verb: SimulatedWrite['verb'];
  readonly fieldManager: string;
  readonly dryRun: boolean;
  readonly ref: ObjectRef;
}

class SimulatedPort implements KubePort {
  readonly #context: PortContext;
  readonly #user: string;
  readonly #closed = new AbortController();

  constructor(context: PortContext, user: string) {
    this.#context = context;
    this.#user = user;
  }

  async serverVersion(signal: AbortSignal): Promise<string> {
    return await this.#ask(discovery('read version'), signal, () => this.#context.gitVersion);
  }

  async discover(_options: { readonly fresh: boolean }, signal: AbortSignal) {
    return await this.#ask(discovery('discover'), signal, () => ({
      resources: this.#context.state.registry.resources(),
      failedGroups: [],
    }));
  }

  async get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    const purpose = this.#purpose('get', ref);
    return await this.#ask(purpose, signal, (kind) => {
      const found = getObject(this.#context.state, kind, purpose.namespace, ref.name);
      return found === undefined ? undefined : asAnswer(found, ref);
    });
  }

  async list(selection: KubeSelection, signal: AbortSignal) {
    const { state } = this.#context;
    return await this.#ask(this.#collection('list', selection), signal, (kind) => ({
      items: listObjects(state, kind, selection.namespace)
        .filter(selectionFilter(selection))
        .map((object) => asAnswer(object, selection.kind, selection.metadataOnly)),
      resourceVersion: String(state.store.version),
    }));
  }

  async *watch(selection: KubeSelection, resourceVersion: string, signal: AbortSignal) {
    const { state, clock, bookmarkMs, dropSignal } = this.#context;
    const purpose = this.#collection('watch', selection);
    const dropped = AbortSignal.any([dropSignal(), this.#closed.signal]);
    const kind = await this.#ask(purpose, signal, (found) => found);
    const watch = { state, kind, selection, resourceVersion, clock, bookmarkMs, dropped };
    try {
      yield* watchEvents(watch, signal);
    } catch (error) {
      throw this.#translated(error, purpose, signal);
    }
  }

  async apply(object: KubeObject, options: Parameters<KubePort['apply']>[1], signal: AbortSignal) {
    const ref = refOf(object);
    const purpose = this.#purpose('apply', ref, options.subresource);
    return await this.#write(purpose, { ...options, ref, verb: 'apply' }, signal, (kind) =>
      applyObject(this.#context.state, kind, fromJson(object), {
        manager: options.fieldManager,
        subresource: options.subresource ?? '',
        isDryRun: options.dryRun,
        isForced: options.force,
        isStrict: options.fieldValidation === 'Strict',
      }),
    );
  }

  async create(object: KubeObject, options: Parameters<KubePort['create']>[1], signal: AbortSignal) {
    const ref = refOf(object);
    const purpose = { ...this.#purpose('create', ref), attempted: attemptedCreate(object) };
    return await this.#write(purpose, { ...options, ref, verb: 'create' }, signal, (kind) =>
      createObject(this.#context.state, kind, fromJson(object), {
        manager: options.fieldManager,
        subresource: '',
        isDryRun: options.dryRun,
      }),
    );
  }

  async mergePatch(
    ref: ObjectRef,
    patch: Parameters<KubePort['mergePatch']>[1],
    options: { readonly fieldManager: string },
    signal: AbortSignal,
  ) {
    const purpose = this.#purpose('patch', ref);
    const { namespace } = purpose;
    return await this.#write(purpose, { ...options, dryRun: false, ref, verb: 'patch' }, signal, (kind) =>
      patchObject(
        this.#context.state,
        kind,
        { namespace, name: ref.name, patch: fromJson(patch) },
        { manager: options.fieldManager, subresource: '', isDryRun: false },
      ),
    );
  }

  async delete(ref: ObjectRef, options: Parameters<KubePort['delete']>[1], signal: AbortSignal) {
    const purpose = this.#purpose('delete', ref);
    const { namespace } = purpose;
    return await this.#ask(purpose, signal, (kind) => {
      const target = { namespace, name: ref.name };
      if (getObject(this.#context.state, kind, namespace, ref.name) === undefined) return false;
      removeObject(this.#context.state, kind, target, {
        uid: options.uid,
        resourceVersion: options.resourceVersion,
        propagation: options.propagation,
        isDryRun: options.dryRun,
      });
      if (!options.dryRun) this.#log({ verb: 'delete', manager: '', ref, subresource: '', isChanged: true });
      return true;
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  async #write(
    purpose: Purpose,
    options: WriteOptions,
    signal: AbortSignal,
    run: (kind: Kind) => Written,
  ): Promise<KubeObject> {
    return await this.#ask(purpose, signal, (kind) => {
      const written = run(kind);
      const answer = asAnswer(written.object, kind);
      if (!options.dryRun)
        this.#log({
          verb: options.verb,
          manager: options.fieldManager,
          ref: { ...options.ref, name: answer.metadata.name },
          subresource: purpose.subresource ?? '',
          isChanged: written.isChanged,
        });
      return answer;
    });
  }

  #log(write: Omit<SimulatedWrite, 'atMs' | 'user'>): void {
    this.#context.log.add({ atMs: this.#context.clock.wallMs(), user: this.#user, ...write });
  }

  /** Runs one request: latency, reachability, fault rules, the kind, then the work. */
  async #ask<T>(purpose: Purpose, signal: AbortSignal, run: (kind: Kind) => T): Promise<T> {
    signal.throwIfAborted();
    const { clock, latencyMs } = this.#context;
    if (latencyMs > 0) await clock.sleep(latencyMs, signal);
    if (!this.#context.isReachable() || this.#closed.signal.aborted)
      throw unreachableError(purpose.attempted, new Error('the simulated API server is unreachable'));
    try {
      this.#applyRules(purpose);
      return run(purpose.kind ?? noKind);
    } catch (error) {
      throw this.#translated(error, purpose, signal);
    }
  }

  #applyRules(purpose: Purpose): void {
    const request = {
      verb: purpose.verb,
      user: this.#user,
      group: purpose.kind?.group ?? '',
      resource: purpose.kind?.resource ?? '',
      namespace: purpose.namespace,
      name: purpose.name,
    };
    for (const rule of this.#context.rules()) {
      const status = rule(request);
      if (status !== undefined) throw new Refusal(status);
    }
  }

  #translated(error: unknown, purpose: Purpose, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (!(error instanceof Refusal)) return error;
    return kubeErrorFrom(error.status, purpose.attempted, requestInfo(purpose));
  }

  #purpose(verb: ObjectVerb, ref: ObjectRef, subresource?: 'status'): Purpose {
    const attempted = `${verb} ${formatRef(ref)}`;
    return objectPurpose({ verb, attempted, subresource }, ref, this.#kind(ref, attempted));
  }

  #collection(verb: 'list' | 'watch', selection: KubeSelection): Purpose {
    const { namespace } = selection;
    const attempted = `${verb} ${selection.kind.kind}${namespace === undefined ? '' : ` in ${namespace}`}`;
    return { attempted, verb, kind: this.#kind(selection.kind, attempted), namespace, name: undefined };
  }

  #kind(wanted: GroupVersionKind, attempted: string): Kind {
    const kind = this.#context.state.registry.find(wanted);
    if (kind === undefined) throw unknownKindError(attempted, apiVersionOf(wanted), wanted.kind);
    return kind;
  }
}
