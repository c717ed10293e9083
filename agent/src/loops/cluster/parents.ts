import { FlotillaError } from '@flotilla/shared/base';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import {
  applySet,
  applySetId,
  assignmentCrd,
  assignmentCrdName,
  assignmentKind,
  assignmentVersion,
  fieldManager,
  flotillaGroup,
  formatOwner,
  type ObjectStatus,
  type ParentKind,
  type ParentReading,
  parentManager,
  parentRef,
  readParent,
  readStatusObject,
  type SetIdentity,
  type SetOwner,
  withHandOver,
} from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';
import type { KubePort, KubeSelection, StateStore } from '../../ports.ts';
import type { Discovery } from './discovery.ts';

/** The parent of one set as last read or written. */
export interface LiveParent {
  readonly reading: ParentReading;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly status: ObjectStatus | undefined;
}

/** What the parents are made from. */
export interface ParentsOptions {
  readonly kube: KubePort;
  readonly store: StateStore;
  readonly discovery: Discovery;
  readonly namespace: string;
  /** Whose sets may be touched. */
  readonly owner: SetOwner;
}

/** Code of the error that a write to a parent of somebody else ends with. */
export const parentRefused = 'PARENT_REFUSED';

/** Under this key the store remembers which kind stands above the sets: it is part of every set's id. */
const kindKey = 'engine/parent-kind';
const definitionRef: ObjectRef = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  namespace: undefined,
  name: assignmentCrdName,
};

/** The ApplySet parents of this cluster's assignments. */
export class Parents {
  readonly #options: ParentsOptions;
  readonly #live = new Map<string, LiveParent>();
  readonly #setIds = new Map<string, string>();
  #kind: ParentKind = 'Assignment';

  constructor(options: ParentsOptions) {
    this.#options = options;
  }

  /** The kind in use; fixed by `setup`. */
  get kind(): ParentKind {
    return this.#kind;
  }

  /** Names the parent of a placement's set. */
  refOf(placement: string): ObjectRef {
    return parentRef(this.#kind, placement, this.#options.namespace);
  }

  /** The id of a placement's set. Asked for at every look, and a hash: kept. */
  setIdOf(placement: string): string {
    const known = this.#setIds.get(placement);
    if (known !== undefined) return known;
    const made = applySetId(this.refOf(placement));
    this.#setIds.set(placement, made);
    return made;
  }

  /** What tells the members of a placement's set. */
  identityOf(placement: string): SetIdentity {
    const reading = this.get(placement)?.reading;
    const isHandedOver = reading?.kind === 'ours' && reading.isHandedOver;
    const owner = isHandedOver ? undefined : formatOwner(this.#options.owner);
    return { placement, setId: this.setIdOf(placement), owner };
  }

  /** The parent as last read or written; undefined = there was none. */
  get(placement: string): LiveParent | undefined {
    return this.#live.get(this.refOf(placement).name);
  }

  /** Reads one parent; undefined = there is none. */
  async read(placement: string, signal: AbortSignal): Promise<LiveParent | undefined> {
    const live = await this.#options.kube.get(this.refOf(placement), signal);
    if (live !== undefined) this.note(live);
    return live === undefined ? undefined : this.get(placement);
  }

  /** Whether the parent is there and must not be used. */
  isRefused(placement: string): boolean {
    return this.get(placement)?.reading.kind === 'refused';
  }

  /** Takes in what an own write answered. */
  note(object: KubeObject): void {
    const { name } = object.metadata;
    this.#live.set(name, this.#describe(object));
  }

  /**
   * Writes a parent whole. One that is not known is created, never applied: of two agents that begin a set of the same
   * name at the same moment one is refused. Rejects with code PARENT_REFUSED, before any write, when it is not ours.
   */
  async write(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const { kube } = this.#options;
    const { name } = object.metadata;
    const made = this.#live.has(name) ? undefined : await this.#create(object, signal);
    const reading = this.#live.get(name)?.reading;
    if (reading?.kind === 'refused')
      throw new FlotillaError(reading.text, { code: parentRefused, retry: 'never' });
    const options = { fieldManager: parentManager, dryRun: false, fieldValidation: 'Strict' } as const;
    const marked = reading?.isHandedOver === true ? withHandOver(object) : object;
    const written = made ?? (await kube.apply(marked, { ...options, force: true }, signal));
    this.note(written);
    return written;
  }

  /** Undefined, with what is there taken in, when somebody else made it first. */
  async #create(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    const { kube } = this.#options;
    try {
      return await kube.create(object, { fieldManager: parentManager, dryRun: false }, signal);
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error;
      const live = await kube.get(this.#refNamed(object.metadata.name), signal);
      if (live === undefined) throw error;
      this.note(live);
      return undefined;
    }
  }

  /** The parent was deleted. */
  forget(placement: string): void {
    this.#live.delete(this.refOf(placement).name);
    this.#setIds.delete(placement);
  }

  /**
   * Finds out, once for an installation, what stands above the sets: the assignment object where its definition exists
   * or may be made, else a ConfigMap. Rejects when it cannot be decided now; called again then.
   */
  async setup(signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const stored = await store.read(kindKey, signal);
    const before = stored === 'Assignment' || stored === 'ConfigMap' ? stored : undefined;
    this.#kind = before === 'ConfigMap' ? before : await this.#chooseKind(before, signal);
    this.#setIds.clear();
    if (before !== this.#kind) await store.write(kindKey, this.#kind, signal);
    await this.refresh(signal);
  }

  /** Reads all parents. What was written while the list was on its way is newer than the list. */
  async refresh(signal: AbortSignal): Promise<void> {
    const before = new Map(this.#live);
    const { items } = await this.#options.kube.list(this.#selection(), signal);
    const listed = new Map(items.map((object) => [object.metadata.name, object]));
    for (const [name, parent] of before)
      if (!listed.has(name) && this.#live.get(name) === parent) this.#live.delete(name);
    for (const [name, object] of listed) if (this.#live.get(name) === before.get(name)) this.note(object);
  }

  #selection(): KubeSelection {
    const { group, version, kind } = this.refOf('any');
    const selection = { kind: { group, version, kind } };
    if (this.#kind === 'Assignment') return selection;
    return { ...selection, namespace: this.#options.namespace, labelSelector: applySet.idLabel };
  }

  #refNamed(name: string): ObjectRef {
    return { ...this.refOf('any'), name };
  }

  async #chooseKind(before: ParentKind | undefined, signal: AbortSignal): Promise<ParentKind> {
    if (this.#isServed()) return 'Assignment';
    try {
      await this.#makeDefinition(signal);
    } catch (error) {
      const isForbidden = error instanceof KubeError && error.status === 403;
      if (!isForbidden) throw error;
      // The ids of the sets that exist hang on the kind: it must not change under them.
      if (before === 'Assignment') throw missingDefinition(error);
      return 'ConfigMap';
    }
    return 'Assignment';
  }

  #describe(object: KubeObject): LiveParent {
    return {
      reading: readParent(object, this.#refNamed(object.metadata.name), this.#options.owner),
      uid: object.metadata.uid ?? '',
      resourceVersion: object.metadata.resourceVersion ?? '',
      generation: object.metadata.generation,
      status: readStatusObject(object),
    };
  }

  #isServed(): boolean {
    const kind = { group: flotillaGroup, version: assignmentVersion, kind: assignmentKind };
    return this.#options.discovery.kinds.find(kind) !== undefined;
  }

  async #makeDefinition(signal: AbortSignal): Promise<void> {
    const { kube, discovery } = this.#options;
    const isThere = (await kube.get(definitionRef, signal)) !== undefined;
    if (!isThere) {
      const options = { fieldManager, force: false, dryRun: false, fieldValidation: 'Strict' } as const;
      await kube.apply(assignmentCrd, options, signal);
    }
    await discovery.refresh(signal);
    if (this.#isServed()) return;
    throw new FlotillaError(`definition ${assignmentCrdName} is not served yet`, {
      code: 'PARENT_NOT_SERVED',
      retry: 'now',
    });
  }
}

function missingDefinition(cause: unknown): FlotillaError {
  const text = `definition ${assignmentCrdName} is gone and may not be made: apply deploy/agent/base/crd.yaml`;
  return new FlotillaError(text, { code: 'PARENT_DEFINITION_MISSING', retry: 'backoff', cause });
}
