import type { ObjectRef } from '@flotilla/shared/model';
import { MemberCluster } from '../../real/member-cluster/index.ts';
import type { DemoCluster } from '../cluster-list.ts';
import type { DemoClusters } from './demo-clusters.ts';
import type { ClusterWrites, JoiningCluster } from './questions.ts';

/** Real control planes with fake nodes, the installed manifests of deploy/agent, and an agent process for each. */
export class RealClusters implements DemoClusters {
  readonly isSimulated = false;
  readonly #members: readonly MemberCluster[];
  readonly #stack: AsyncDisposableStack;

  private constructor(members: readonly MemberCluster[], stack: AsyncDisposableStack) {
    this.#members = members;
    this.#stack = stack;
  }

  /** Starts the control planes one after the other (each takes a core for some seconds); no agent yet. */
  static async launch(about: {
    readonly folder: string;
    readonly clusters: readonly DemoCluster[];
    readonly say: (line: string) => void;
  }): Promise<RealClusters> {
    const { folder, clusters, say } = about;
    await using stack = new AsyncDisposableStack();
    const members: MemberCluster[] = [];
    for (const { name, labels } of clusters) {
      say(`starting a real control plane for ${name}`);
      const agentArguments = ['--bus-reconnect-max', '3s'];
      members.push(
        stack.use(await MemberCluster.start({ name, labels, folder, label: 'demo', agentArguments })),
      );
    }
    return new RealClusters(members, stack.move());
  }

  async start(joining: readonly JoiningCluster[]): Promise<void> {
    for (const { name, joinLine } of joining) await this.#member(name).startAgent(joinLine);
  }

  async mark(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.mark()));
  }

  /** By the API servers' own audit logs. */
  async writes(namespace?: string): Promise<readonly ClusterWrites[]> {
    const count = async (member: MemberCluster): Promise<ClusterWrites> => {
      const events = await member.agentWrites();
      const counted = events.filter((event) => namespace === undefined || event.namespace === namespace);
      return { cluster: member.name, writes: counted.length };
    };
    return await Promise.all(this.#members.map(count));
  }

  async edit(cluster: string, ref: ObjectRef, patch: object): Promise<void> {
    await this.#member(cluster).edit(pathOf(ref), patch);
  }

  async get(cluster: string, ref: ObjectRef): Promise<unknown> {
    return await this.#member(cluster).read(pathOf(ref));
  }

  async offline(cluster: string): Promise<void> {
    await this.#member(cluster).stopAgent();
  }

  async online(cluster: string): Promise<void> {
    await this.#member(cluster).startAgent();
  }

  #member(name: string): MemberCluster {
    const member = this.#members.find((one) => one.name === name);
    if (member === undefined) throw new Error(`there is no cluster ${name}`);
    return member;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Path of a namespaced object whose kind has a regular plural: the acts look at Deployments. */
function pathOf({ group, version, namespace, kind, name }: ObjectRef): string {
  return `/apis/${group}/${version}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
}
