import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectRef } from '@flotilla/shared/model';
import { createAsker, type RunningProcess, startProcess } from '../../real/control-side/index.ts';
import { findTool, rootFolder } from '../../tools/index.ts';
import type { DemoClusters } from './demo-clusters.ts';
import type { ClusterQuestion, ClusterWrites, JoiningCluster } from './questions.ts';

/** Simulated clusters: one more process in which every cluster has the production agent. */
export class SimulatedClusters implements DemoClusters {
  readonly isSimulated = true;
  readonly #process: RunningProcess;
  readonly #askChild: (question: object) => Promise<unknown>;

  private constructor(child: RunningProcess) {
    this.#process = child;
    this.#askChild = createAsker(child.child);
  }

  /** Starts the process; no agent yet. */
  static async launch(about: {
    readonly folder: string;
    readonly say: (line: string) => void;
  }): Promise<SimulatedClusters> {
    const { folder, say } = about;
    const kustomize = await findTool('kustomize', { say });
    await mkdir(join(folder, 'logs'), { recursive: true });
    const program = join(rootFolder, 'test/demo/clusters/main.ts');
    const child = startProcess({
      name: 'clusters',
      args: [program, '--folder', join(folder, 'agents'), '--kustomize', kustomize.path],
      logFile: join(folder, 'logs', 'agents.log'),
    });
    return new SimulatedClusters(child);
  }

  async start(clusters: readonly JoiningCluster[]): Promise<void> {
    await this.#ask({ do: 'start', clusters });
  }

  async mark(): Promise<void> {
    await this.#ask({ do: 'mark' });
  }

  async writes(namespace?: string): Promise<readonly ClusterWrites[]> {
    const answer = await this.#ask(namespace === undefined ? { do: 'writes' } : { do: 'writes', namespace });
    // The process answers in its documented shape.
    return answer as readonly ClusterWrites[];
  }

  async edit(cluster: string, ref: ObjectRef, patch: object): Promise<void> {
    await this.#ask({ do: 'edit', cluster, ref, patch });
  }

  async get(cluster: string, ref: ObjectRef): Promise<unknown> {
    return await this.#ask({ do: 'get', cluster, ref });
  }

  async offline(cluster: string): Promise<void> {
    await this.#ask({ do: 'offline', cluster });
  }

  async online(cluster: string): Promise<void> {
    await this.#ask({ do: 'online', cluster });
  }

  async #ask(question: ClusterQuestion): Promise<unknown> {
    return await this.#askChild(question);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }
}
