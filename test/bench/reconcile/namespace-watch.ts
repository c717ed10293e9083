import type { ClientRequest } from 'node:http';
import { Agent, get } from 'node:https';
import { createInterface } from 'node:readline';
import type { AdminCredential } from '../../real/control-plane/index.ts';

/** An object as the API server has it; the fields that a measurement looks at. */
export interface SeenObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } };
  };
  readonly status?: { readonly observedGeneration?: number };
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: SeenObject;
}

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: (atMs: number) => void;
}

const collections = [
  '/api/v1/namespaces/NS/serviceaccounts',
  '/api/v1/namespaces/NS/services',
  '/apis/apps/v1/namespaces/NS/deployments',
  '/apis/networking.k8s.io/v1/namespaces/NS/ingresses',
] as const;

/**
 * What is in a namespace, by watches of its own on the API server: the judge of when something was there. What does not belong
 * to an application (the default ServiceAccount) is not seen. A watch that ends ends the measurement.
 */
export class NamespaceWatch implements Disposable {
  readonly #objects = new Map<string, SeenObject>();
  readonly #calls: readonly ClientRequest[];
  readonly #agent: Agent;
  readonly #waiters = new Set<Waiter>();
  #isOver = false;

  constructor(credential: AdminCredential, namespace: string) {
    const { caPem, certPem, keyPem, serverUrl } = credential;
    this.#agent = new Agent({ keepAlive: true, ca: caPem, cert: certPem, key: keyPem });
    this.#calls = collections.map((path) =>
      this.#follow(`${serverUrl}${path.replace('NS', namespace)}?watch=1`),
    );
  }

  /** Objects of applications that are there now. */
  get objects(): readonly SeenObject[] {
    return [...this.#objects.values()];
  }

  /** Resolves with the moment, monotonic milliseconds, when it holds of what is there. */
  async until(what: string, isMet: (objects: readonly SeenObject[]) => boolean): Promise<number> {
    if (isMet(this.objects)) return performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const waiter = { isMet: () => isMet(this.objects), resolve };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs / 1_000} s`)), withinMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const call of this.#calls) call.destroy();
    this.#agent.destroy();
  }

  #follow(url: string): ClientRequest {
    const call = get(url, { agent: this.#agent }, (response) => {
      response.on('error', () => this.#ended());
      response.once('close', () => this.#ended());
      const lines = createInterface({ input: response });
      lines.on('error', () => {});
      // The API server's watch events, one a line.
      lines.on('line', (line) => this.#take(JSON.parse(line) as WatchEvent));
    });
    call.on('error', () => this.#ended());
    return call;
  }

  #take({ object, type }: WatchEvent): void {
    if (type === 'BOOKMARK' || !object.metadata.name.startsWith('app-')) return;
    const key = `${object.kind} ${object.metadata.name}`;
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
    if (this.#waiters.size === 0) return;
    const atMs = performance.now();
    for (const waiter of this.#waiters) if (waiter.isMet()) waiter.resolve(atMs);
  }

  #ended(): void {
    if (!this.#isOver) throw new Error('a watch of the measurement ended');
  }
}

const withinMs = 120_000;

/** How many Deployments are at a revision. */
export function atRevision(objects: readonly SeenObject[], revision: number): number {
  return objects.filter((one) => revisionOf(one) === revision).length;
}

/** Whether the controllers have seen the newest form of every Deployment of that revision: with no replicas, all there is to Ready. */
export function areObserved(objects: readonly SeenObject[], revision: number, count: number): boolean {
  const observed = objects.filter(
    (one) => one.kind === 'Deployment' && revisionOf(one) === revision && isObserved(one),
  );
  return observed.length >= count;
}

/** Whether controllers have seen its newest form. */
export function isObserved({ metadata, status }: SeenObject): boolean {
  return status?.observedGeneration === metadata.generation;
}

/** Revision in the image of a Deployment; NaN for anything else. */
export function revisionOf({ spec }: SeenObject): number {
  return Number(spec?.template?.spec?.containers?.[0]?.image?.split(':1.')[1]);
}
