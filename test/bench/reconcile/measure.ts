import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import { selectEvents } from '../../real/control-plane/index.ts';
import { agentUser, builtAgent, MemberCluster } from '../../real/member-cluster/index.ts';
import { withTools } from '../../tools/index.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import { type Line, type Measured, readProcess } from '../results-file.ts';
import { round } from '../summary.ts';
import { applicationName } from './application.ts';
import { type AssigningSide, startAssigningSide } from './assigning-side.ts';
import { ByAgent } from './by-agent.ts';
import { ByFloor, type ParentTemplate } from './by-floor.ts';
import { ByKubectl } from './by-kubectl.ts';
import type { Contender } from './contender.ts';
import { measureDrift, measureReady } from './extras.ts';
import { figuresOf } from './figures.ts';
import { NamespaceWatch } from './namespace-watch.ts';
import { runRound } from './rounds.ts';

const roundsDefault = 5;
const applicationsDefault = 100;
const driftCount = 100;
const readyCount = 30;
const idleMs = 60_000;

/**
 * One real control plane, one agent as its built single file, no hub: 100 applications of four objects come, change and go, by the
 * agent, by `kubectl apply --server-side`, and by a client that does nothing but send the requests. Watches on the API server
 * and a raw subscriber on the bus say when.
 */
export async function measureReconcile(request: BenchRequest): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const side = stack.use(await startAssigningSide(folder));
  const plane = { disableQpsLimits: true, nodes: 0, audit: { reads: true } };
  const member = stack.use(
    await MemberCluster.start({ name: 'bench', labels: {}, folder, agentProgram: builtAgent, plane }),
  );
  const bench = new Bench(request, { folder, side, member });
  await member.startAgent(await side.joinLine('bench'));
  await pause(20_000);
  const idleAtFirst = await bench.memory('idle');
  await bench.prepare(stack);
  const count = request.count ?? roundsDefault;
  // The first round warms everybody up and counts for nobody.
  for (let number = 0; number <= count; number += 1) await bench.round(number);
  const rest = await bench.atRest();
  return bench.measured([idleAtFirst, ...rest]);
}

interface Parts {
  readonly folder: string;
  readonly side: AssigningSide;
  readonly member: MemberCluster;
}

class Bench {
  readonly #request: BenchRequest;
  readonly #parts: Parts;
  readonly #rows = new Map<PlacementName, Row>();
  readonly #lines: Line[] = [];
  #template: ParentTemplate = { metadata: {} };
  readonly #agent: ByAgent;
  #contenders: readonly { readonly contender: Contender; readonly watch: NamespaceWatch }[] = [];

  constructor(request: BenchRequest, parts: Parts) {
    this.#request = request;
    this.#parts = parts;
    this.#agent = new ByAgent(parts.side, { name: 'agent', mode: 'bestEffort', rows: this.#rows });
  }

  get #applications(): number {
    return this.#request.placements ?? applicationsDefault;
  }

  /** Makes the contenders and a namespace for each. */
  async prepare(stack: AsyncDisposableStack): Promise<void> {
    const { folder, member, side } = this.#parts;
    const { adminCredential: credential, admin, kubeconfigPath: kubeconfig } = member.plane;
    const { kubectl } = await withTools('kubectl');
    const rows = this.#rows;
    const floor = new ByFloor(credential, { name: 'floor', template: () => this.#template });
    const bare = new ByFloor(credential, { name: 'bare', template: undefined });
    stack.defer(() => [floor, bare].forEach((one) => void one.close()));
    const contenders: readonly Contender[] = [
      this.#agent,
      floor,
      new ByAgent(side, { name: 'atomic', mode: 'atomic', rows }),
      bare,
      new ByKubectl({ kubectl, kubeconfig, folder }),
    ];
    const made: { contender: Contender; watch: NamespaceWatch }[] = [];
    for (const contender of contenders) {
      const metadata = { name: contender.namespace };
      await admin.json('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
      made.push({ contender, watch: stack.use(new NamespaceWatch(credential, contender.namespace)) });
    }
    this.#contenders = made;
    await this.#readTemplate();
  }

  /** Everybody once, beginning with another one each time. */
  async round(number: number): Promise<void> {
    const { length } = this.#contenders;
    for (let index = 0; index < length; index += 1) {
      const one = this.#contenders[(index + number) % length];
      if (one === undefined) continue;
      const lines: Line[] = [];
      const when = `round ${number} of ${one.contender.name}`;
      const requests = await this.#requests(when, async () => {
        lines.push(...(await runRound(one, { round: number, count: this.#applications })));
      });
      if (one.contender instanceof ByAgent) {
        one.contender.forgetRemoved();
        lines.push(requests);
      }
      for (const line of lines) this.#request.say(JSON.stringify(line));
      if (number > 0) this.#lines.push(...lines);
    }
  }

  /** What the agent costs while it keeps everything, and how soon it sees what changes. */
  async atRest(): Promise<readonly Line[]> {
    const { member, side } = this.#parts;
    const { admin, adminCredential } = member.plane;
    const { namespace } = this.#agent;
    using watch = new NamespaceWatch(adminCredential, namespace);
    const revision = 1_000_000;
    const all = Array.from({ length: this.#applications }, (_, index) => ({
      name: applicationName(index),
      namespace,
      revision,
    }));
    const { say } = this.#request;
    say('everything comes once more, to stay');
    await (await this.#agent.bring(all)).said;
    await pause(10_000);
    const memory = await this.memory('with all');
    const idle = await this.#requests('idle', () => pause(idleMs));
    say('hand edits');
    const drift = { watch, namespace, count: Math.min(driftCount, all.length) };
    const driftMs = await measureDrift(admin, drift);
    say('an object becomes Ready');
    const readyMs = await measureReady(admin, side, { rows: this.#rows, count: readyCount });
    const peak = await this.memory('peak');
    say('the agent starts again, and compares again');
    await member.stopAgent();
    const restart = await this.#requests('start with all held', async () => {
      await member.startAgent(undefined, '--resync-interval', '20s');
      await pause(30_000);
    });
    const resyncs = await this.#requests('three resyncs', () => pause(60_000));
    const samples = { drift: driftMs, ready: readyMs };
    const told = Object.entries(samples).map(([kind, ms]) => ({ kind, ms, n: ms.length }));
    return [memory, idle, ...told, peak, restart, resyncs];
  }

  /** Memory of the agent now, and the most that it ever had. */
  async memory(when: string): Promise<Line> {
    const pid = this.#parts.member.agentPid ?? 0;
    const { cpuMs, rssMiB } = await readProcess(pid);
    const most = /^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { kind: 'memory', when, rssMiB: round(rssMiB), peakRssMiB: round(Number(most) / 1_024), cpuMs };
  }

  /** All lines, and what they come to. */
  measured(more: readonly Line[]): Measured {
    return figuresOf(this.#lines, more);
  }

  /** What the agent really writes into its own object, for the floor to write as much. */
  async #readTemplate(): Promise<void> {
    const { namespace } = this.#agent;
    const name = applicationName(0);
    await (await this.#agent.bring([{ name, namespace, revision: 1 }])).said;
    await pause(5_000);
    const list = await this.#parts.member.read<{ readonly items: readonly ParentTemplate[] }>(
      '/apis/flotilla.dev/v1alpha1/assignments',
    );
    const template = list?.items[0];
    if (template === undefined) throw new Error('the agent made no object for its assignment');
    this.#template = template;
    await (await this.#agent.bring([])).said;
    this.#agent.forgetRemoved();
  }

  /** Requests of the agent while something is done, by the audit log; its Lease apart. */
  async #requests(when: string, work: () => Promise<void>): Promise<Line> {
    const { plane } = this.#parts.member;
    const from = (await plane.audit()).length;
    await work();
    const events = selectEvents((await plane.audit()).slice(from), {
      user: agentUser,
      exceptResources: ['leases'],
    });
    const verbs: Record<string, number> = {};
    for (const { resource, verb } of events) {
      const key = `${verb} ${resource}`;
      verbs[key] = (verbs[key] ?? 0) + 1;
    }
    return { kind: 'requests', when, count: events.length, verbs };
  }
}
