import { join } from 'node:path';
import { agentSettings } from '@flotilla/agent/config';
import { type SimulatedCluster, startSimulatedCluster } from '@flotilla/agent/io/kube-simulated';
import { type RunningAgent, startAgent } from '@flotilla/agent/start';
import { seededRandom } from '@flotilla/shared/base';
import { type Logger, readSettings, systemClock } from '@flotilla/shared/kit';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { editor } from './demo-clusters.ts';

/** User name under which agents write on simulated clusters. */
export const agentUser = 'flotilla-agent';

/** What all members share. */
export interface MemberSettings {
  readonly folder: string;
  readonly kustomize: string;
  readonly log: Logger;
}

/** One simulated cluster with the real agent on it. */
export class SimulatedMember {
  readonly name: string;
  readonly #cluster: SimulatedCluster;
  readonly #settings: MemberSettings;
  #agent: RunningAgent | undefined;
  #marked = 0;

  constructor(name: string, seed: number, settings: MemberSettings) {
    this.name = name;
    this.#settings = settings;
    this.#cluster = startSimulatedCluster({ clock: systemClock(), random: seededRandom(seed) });
  }

  /** Starts the agent; it joins by the line when it has no identity yet. */
  async start(joinLine: string | undefined, signal: AbortSignal): Promise<void> {
    const { folder, kustomize, log } = this.#settings;
    const args = [
      '--state-dir',
      join(folder, this.name),
      '--kustomize',
      kustomize,
      '--plain-http-hosts',
      '127.0.0.1',
      // Two dozen agents on one machine may come back in a moment; the default spreads a whole fleet over a minute.
      '--bus-reconnect-max',
      '3s',
    ];
    const read = await readSettings(agentSettings, {
      env: {},
      args: [...args, ...(joinLine === undefined ? [] : ['--join', joinLine])],
    });
    if (read.kind === 'mistakes') throw new Error(read.mistakes.join('; '));
    this.#agent = await startAgent(
      {
        config: read.values,
        log: log.child({ cluster: this.name }),
        kube: this.#cluster.portAs(agentUser),
        isSimulated: true,
        servesHealth: false,
      },
      signal,
    );
  }

  async stop(): Promise<void> {
    await this.#agent?.[Symbol.asyncDispose]();
    this.#agent = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#cluster.close();
  }

  /** Forgets the writes so far. */
  mark(): void {
    this.#marked = this.#cluster.writes.total;
  }

  /** The agent's writes since the mark, its Lease and its own status apart. */
  writesSinceMark(namespace: string | undefined): number {
    const { entries, total } = { entries: this.#cluster.writes.entries(), total: this.#cluster.writes.total };
    const fresh = entries.slice(Math.max(0, entries.length - (total - this.#marked)));
    return fresh.filter(
      ({ ref, user }) =>
        user === agentUser &&
        ref.kind !== 'Lease' &&
        ref.kind !== 'Event' &&
        (namespace === undefined ? ref.kind !== 'Assignment' : ref.namespace === namespace),
    ).length;
  }

  async edit(ref: ObjectRef, patch: object): Promise<KubeObject> {
    return await this.#cluster
      .portAs('person')
      .mergePatch(ref, { ...patch }, { fieldManager: editor }, new AbortController().signal);
  }

  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    return await this.#cluster.portAs('demo').get(ref, new AbortController().signal);
  }
}
