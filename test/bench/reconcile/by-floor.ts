import { Agent, request } from 'node:https';
import type { AdminCredential } from '../../real/control-plane/index.ts';
import { type Application, type Manifest, manifestsOf } from './application.ts';
import type { Contender, Started } from './contender.ts';

/** Requests that the agent has on their way at most (apiParallelism in agent/src/start.ts), and assignments that it works on. */
const parallelism = { requests: 16, assignments: 32 } as const;

/** As the agent: closed before the API server closes what was idle for 90 s, while the others had their turn. */
const idleMs = 60_000;

/** An object of our own kind with what the agent really wrote into it; the two writes of each assignment are its size. */
export interface ParentTemplate {
  readonly metadata: { readonly labels?: object; readonly annotations?: object };
  readonly spec?: object;
  readonly status?: object;
}

/**
 * The least that anybody has to do: a client that keeps its connections and sends the requests, prepared beforehand, and
 * nothing else. It knows what has changed; with a template it keeps an inventory as the agent does, one write before the
 * first object and one after the last.
 */
export class ByFloor implements Contender {
  readonly name: string;
  readonly namespace: string;
  readonly #credential: AdminCredential;
  readonly #agent: Agent;
  readonly #template: (() => ParentTemplate) | undefined;
  #before = new Map<string, Application>();
  #free = parallelism.requests as number;
  readonly #line: (() => void)[] = [];

  constructor(
    credential: AdminCredential,
    about: { readonly name: string; readonly template: (() => ParentTemplate) | undefined },
  ) {
    this.name = about.name;
    this.namespace = `bench-${about.name}`;
    this.#credential = credential;
    this.#template = about.template;
    const { caPem: ca, certPem: cert, keyPem: key } = credential;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: parallelism.requests,
      timeout: idleMs,
      ca,
      cert,
      key,
    });
  }

  async bring(applications: readonly Application[]): Promise<Started> {
    const work = this.#plan(applications);
    const startedMs = performance.now();
    const said = this.#inTurns(work).then(() => performance.now());
    return { startedMs, said };
  }

  close(): void {
    this.#agent.destroy();
  }

  /** One function for each application that changes, its bodies made already. */
  #plan(applications: readonly Application[]): (() => Promise<void>)[] {
    const after = new Map(applications.map((one) => [one.name, one]));
    const work: (() => Promise<void>)[] = [];
    for (const one of applications) {
      const before = this.#before.get(one.name);
      if (before?.revision === one.revision) continue;
      const all = manifestsOf(one);
      const changed = before === undefined ? all : all.filter(({ path }) => path.includes('/deployments/'));
      const [first, last] = this.#parentsOf(one);
      const bodies = changed.map(({ object, path }) => prepared(path, object));
      work.push(async () => {
        if (first !== undefined) await this.#apply(first);
        await Promise.all(bodies.map((manifest) => this.#apply(manifest)));
        if (last !== undefined) await this.#apply(last);
      });
    }
    for (const [name, one] of this.#before) {
      if (after.has(name)) continue;
      const parent = this.#template && parentPath(this.#parentName(one));
      work.push(async () => {
        await Promise.all(manifestsOf(one).map(({ path }) => this.#send('DELETE', path)));
        if (parent !== undefined) await this.#send('DELETE', parent);
      });
    }
    this.#before = after;
    return work;
  }

  #parentName({ name }: Application): string {
    return `${this.name}-${name}`;
  }

  #parentsOf(application: Application): readonly (Prepared | undefined)[] {
    if (this.#template === undefined) return [];
    const { metadata, spec, status } = this.#template();
    const head = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Assignment' };
    const { labels, annotations } = metadata;
    const name = this.#parentName(application);
    const path = parentPath(name);
    const own = { ...labels, revision: String(application.revision), 'applyset.kubernetes.io/id': 'floor' };
    const whole = { ...head, metadata: { name, labels: own, annotations }, ...(spec && { spec }) };
    return [
      { path, object: whole, body: JSON.stringify(whole) },
      prepared(`${path}/status`, { ...head, metadata: { name }, status: status ?? {} }),
    ];
  }

  async #inTurns(work: (() => Promise<void>)[]): Promise<void> {
    const line = [...work];
    const next = async () => {
      for (let one = line.shift(); one !== undefined; one = line.shift()) await one();
    };
    await Promise.all(Array.from({ length: parallelism.assignments }, next));
  }

  async #apply({ path, body }: Prepared): Promise<void> {
    await this.#send('PATCH', `${path}?fieldManager=floor&force=true`, body);
  }

  async #send(method: string, path: string, body = ''): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#line.push(resolve));
    else this.#free -= 1;
    try {
      const status = await this.#request(method, path, body);
      if (status >= 300) throw new Error(`${method} ${path} answered ${status}`);
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  #request(method: string, path: string, body: string): Promise<number> {
    const headers = {
      'content-type': 'application/apply-patch+yaml',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.#credential.serverUrl}${path}`,
        { method, agent: this.#agent, headers },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
          response.once('error', reject);
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }
}

interface Prepared extends Manifest {
  readonly body: string;
}

function prepared(path: string, object: object): Prepared {
  return { path, object, body: JSON.stringify(object) };
}

function parentPath(name: string): string {
  return `/apis/flotilla.dev/v1alpha1/assignments/${name}`;
}
