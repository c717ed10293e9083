import { randomBytes } from 'node:crypto';
import type {
  ApplyOptions,
  DeleteOptions,
  KubePort,
  KubeSelection,
  KubeWatchEvent,
} from '@flotilla/agent/ports';
import type { Json } from '@flotilla/shared/base';
import { stableJson } from '@flotilla/shared/base';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { formatRef, refOf } from '@flotilla/shared/model';
import { describeFailure, toJson } from './answer-text.ts';
import { normaliseAnswers } from './normalise.ts';
import { RefusedStep } from './refused-step.ts';
import type { ContractWorld } from './world.ts';

export { refused } from './refused-step.ts';

/** A manifest as cases write it: the namespace is filled in. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** How a case applies: the defaults are the agent's, without force. */
export interface StoryApply extends Partial<ApplyOptions> {
  readonly as?: string;
}

const clusterScoped = [
  ...['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'],
  ...['StorageClass', 'PriorityClass', 'IngressClass'],
];

/**
 * One case as it happens: everything it asks for is written down with the answer, normalised. What was written down on
 * a real API server is what every other adapter must write down too.
 */
export class Story {
  readonly world: ContractWorld;
  readonly port: KubePort;
  /** A namespace of its own. */
  readonly namespace: string;
  readonly signal = AbortSignal.timeout(90_000);
  readonly #token: string;
  readonly #steps: Json[] = [];

  constructor(world: ContractWorld) {
    this.world = world;
    this.port = world.port;
    this.#token = randomBytes(4).toString('hex').replace(/^\d/, 'a');
    this.namespace = `story-${this.#token}`;
  }

  /** What happened, normalised. */
  transcript(): Json {
    const aliases = [
      [this.namespace, '<namespace>'],
      [this.#token, '<unique>'],
    ] as const;
    return JSON.parse(stableJson(normaliseAnswers(this.#steps, aliases)));
  }

  /** A name that no other case uses, for cluster-scoped objects. */
  unique(name: string): string {
    return `${name}-${this.#token}`;
  }

  /** The manifest as an object of this story's namespace. */
  object(manifest: Manifest): KubeObject {
    const isClusterScoped = clusterScoped.includes(manifest.kind);
    const namespace = isClusterScoped ? {} : { namespace: this.namespace };
    // Cases write manifests whole; a missing name is a case of its own.
    return { ...manifest, metadata: { ...namespace, ...manifest.metadata } } as unknown as KubeObject;
  }

  /** Makes the namespace, unrecorded. */
  async begin(): Promise<void> {
    await this.port.create(
      this.object({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } }),
      { fieldManager: 'contract', dryRun: false },
      this.signal,
    );
  }

  async apply(manifest: Manifest, options: StoryApply = {}): Promise<KubeObject> {
    const { as: fieldManager = 'flotilla', ...rest } = options;
    const object = this.object(manifest);
    const full = { fieldManager, force: false, dryRun: false, fieldValidation: 'Strict', ...rest } as const;
    return await this.#step(`${fieldManager} applies ${nameOf(manifest)}${describe(rest)}`, () =>
      this.port.apply(object, full, this.signal),
    );
  }

  async create(manifest: Manifest, options: { readonly as?: string; readonly dryRun?: boolean } = {}) {
    const { as: fieldManager = 'flotilla', dryRun = false } = options;
    return await this.#step(`${fieldManager} creates ${nameOf(manifest)}${describe({ dryRun })}`, () =>
      this.port.create(this.object(manifest), { fieldManager, dryRun }, this.signal),
    );
  }

  async patch(manifest: Manifest, patch: Parameters<KubePort['mergePatch']>[1], as = 'kubectl-edit') {
    return await this.#step(`${as} patches ${nameOf(manifest)}`, () =>
      this.port.mergePatch(this.ref(manifest), patch, { fieldManager: as }, this.signal),
    );
  }

  async remove(manifest: Manifest, options: Partial<DeleteOptions> & { readonly uid: string }) {
    const full = {
      resourceVersion: undefined,
      propagation: 'Background',
      dryRun: false,
      ...options,
    } as const;
    const { uid: _, resourceVersion: __, ...shown } = options;
    return await this.#step(`delete ${nameOf(manifest)}${describe(shown)}`, () =>
      this.port.delete(this.ref(manifest), full, this.signal),
    );
  }

  async get(manifest: Manifest): Promise<KubeObject | undefined> {
    return await this.#step(`get ${nameOf(manifest)}`, () => this.port.get(this.ref(manifest), this.signal));
  }

  /** Lists; only names (and what `show` picks) are written down, in the server's order. */
  async list(selection: KubeSelection, show: (object: KubeObject) => unknown = nameAndLabels) {
    return await this.#step(
      `list ${selection.kind.kind}${describe({ ...selection, kind: undefined })}`,
      () => this.port.list(selection, this.signal),
      (list) => list.items.map(show),
    );
  }

  /** Writes down anything else that a case finds out. */
  tell(what: string, value: unknown): void {
    this.#steps.push({ step: what, answer: toJson(value) });
  }

  /** Tries something and writes down how it ends; undefined when it failed. */
  async attempt<T>(what: string, run: () => Promise<T>, show: (value: T) => unknown = (value) => value) {
    return await this.#step(what, run, show).catch(() => undefined);
  }

  /** Reads without writing down. */
  async peek(manifest: Manifest): Promise<KubeObject | undefined> {
    return await this.port.get(this.ref(manifest), this.signal);
  }

  /** Waits until an object looks as wanted. */
  async untilObject(
    manifest: Manifest,
    what: string,
    isWanted: (object: KubeObject) => boolean,
  ): Promise<void> {
    let last: KubeObject | undefined;
    await this.world
      .until(`${nameOf(manifest)} ${what}`, async () => {
        last = await this.peek(manifest);
        return last !== undefined && isWanted(last);
      })
      .catch((error: unknown) => {
        throw new Error(`${String(error)}; last seen: ${JSON.stringify(last?.['status'])}`);
      });
  }

  /** Waits until an object is gone. */
  async untilGone(manifest: Manifest): Promise<void> {
    await this.world.until(
      `${nameOf(manifest)} is gone`,
      async () => (await this.peek(manifest)) === undefined,
    );
  }

  /** Starts a watch and collects its events until it is stopped. */
  watch(selection: KubeSelection, resourceVersion: string): StoryWatch {
    const stop = new AbortController();
    const events: KubeWatchEvent[] = [];
    const signal = AbortSignal.any([stop.signal, this.signal]);
    const done = (async () => {
      for await (const event of this.port.watch(selection, resourceVersion, signal)) events.push(event);
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    let hasEnded = false;
    // Whoever stops the watch sees its failure.
    done
      .catch(() => {})
      .finally(() => {
        hasEnded = true;
      });
    return {
      events,
      hasEnded: () => hasEnded,
      until: (what, isEnough) => this.world.until(what, async () => isEnough(events)),
      async stop() {
        stop.abort();
        await done;
      },
    };
  }

  /** Names one object of this story. */
  ref(manifest: Manifest): ObjectRef {
    return refOf(this.object(manifest));
  }

  async #step<T>(
    what: string,
    run: () => Promise<T>,
    show: (value: T) => unknown = (value) => value,
  ): Promise<T> {
    try {
      const value = await run();
      this.#steps.push({ step: what, answer: toJson(show(value)) });
      return value;
    } catch (error) {
      this.#steps.push({ step: what, error: describeFailure(error) });
      throw new RefusedStep(what, error);
    }
  }
}

/** A watch of a story. */
export interface StoryWatch {
  readonly events: readonly KubeWatchEvent[];
  until(what: string, isEnough: (events: readonly KubeWatchEvent[]) => boolean): Promise<void>;
  /** True once the watch ended by itself, however it did. */
  hasEnded(): boolean;
  /** Ends it; throws what the watch threw before. */
  stop(): Promise<void>;
}

/** What a list shows of an object where a case asks for nothing else. */
export function nameAndLabels(object: KubeObject): unknown {
  return { kind: object.kind, name: object.metadata.name, labels: object.metadata.labels };
}

function nameOf(manifest: Manifest): string {
  const { name = '', generateName } = manifest.metadata;
  const shown = name === '' ? `${String(generateName ?? '')}*` : name;
  return formatRef({ kind: manifest.kind, namespace: undefined, name: shown });
}

function describe(options: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(options).filter(([, value]) => value !== undefined && value !== false);
  return shown.length === 0 ? '' : ` with ${JSON.stringify(Object.fromEntries(shown))}`;
}
