import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { agentRuntime, rootFolder, withTools } from '../../tools/index.ts';
import {
  type AuditEvent,
  type ControlPlane,
  type ControlPlaneOptions,
  createServiceAccountToken,
  deletesIn,
  formatAuditEvent,
  startControlPlane,
  writesIn,
} from '../control-plane/index.ts';
import { type RunningProcess, startProcess } from '../control-side/index.ts';
import { waitFor } from '../waiting.ts';
import { kubeconfigFor } from './kubeconfig.ts';

/** User name of the agent, as its API server writes it in the audit log. */
export const agentUser = 'system:serviceaccount:flotilla-system:flotilla-agent';

const run = promisify(execFile);

/** An agent that wrote nothing for so long is done: twice the settling time of a status object. */
const quietMs = 3_000;

/** An agent that still writes after so long will not stop by itself. */
const quietWithinMs = 100_000;

/** What a cluster of a test's world is. */
export interface MemberOptions {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  /** Folder of the world; the agent's state and log go there. */
  readonly folder: string;
  /** The agent as Node runs it; default: the sources. */
  readonly agentProgram?: string;
  /** Settings of the agent besides those made here. */
  readonly agentArguments?: readonly string[];
  /** First part of the control plane's name, for people who look at processes. Default `e2e`. */
  readonly label?: string;
  /** What else is chosen about the control plane. */
  readonly plane?: Omit<ControlPlaneOptions, 'label'>;
}

/** The agent as `npm run build` makes it. */
export const builtAgent = join(rootFolder, 'dist/flotilla-agent');

/** A real control plane with fake nodes, the installed manifests of deploy/agent, and an agent as a process. */
export class MemberCluster implements AsyncDisposable {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly plane: ControlPlane;
  readonly #folder: string;
  readonly #program: string;
  readonly #agentArguments: readonly string[];
  readonly #kubeconfig: string;
  #agent: RunningProcess | undefined;
  #mark = 0;

  private constructor(options: MemberOptions, plane: ControlPlane, kubeconfig: string) {
    this.name = options.name;
    this.labels = options.labels;
    this.plane = plane;
    this.#folder = options.folder;
    this.#agentArguments = options.agentArguments ?? [];
    this.#program = options.agentProgram ?? join(rootFolder, 'agent/src/main.ts');
    this.#kubeconfig = kubeconfig;
  }

  /** Starts the control plane and installs the listed profile; starts no agent. */
  static async start(options: MemberOptions): Promise<MemberCluster> {
    const label = `${options.label ?? 'e2e'}-${options.name}`;
    const plane = await startControlPlane({ ...options.plane, label });
    try {
      await install(plane, options);
      const account = { namespace: 'flotilla-system', name: 'flotilla-agent' };
      const token = await createServiceAccountToken(plane.admin, account);
      const kubeconfig = join(options.folder, `${options.name}.kubeconfig`);
      const text = kubeconfigFor({ serverUrl: plane.serverUrl, caPem: plane.adminCredential.caPem, token });
      await writeFile(kubeconfig, text, { mode: 0o600 });
      return new MemberCluster(options, plane, kubeconfig);
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  /** Starts the agent as the pasted line does; without a line it goes on with the identity it has. */
  async startAgent(joinLine?: string, ...more: readonly string[]): Promise<void> {
    const { kustomize, helm } = await withTools('kustomize', 'helm');
    const pasted = joinLine === undefined ? [] : ['--join', joinLine];
    this.#agent = startProcess({
      name: `agent of ${this.name}`,
      args: [
        ...[this.#program, 'run', ...pasted, '--kubeconfig', this.#kubeconfig],
        ...['--kustomize', kustomize, '--helm', helm, '--plain-http-hosts', '127.0.0.1'],
        ...['--state-dir', join(this.#folder, `${this.name}-state`), '--health-address', '127.0.0.1:0'],
        ...['--log-format', 'json', ...this.#agentArguments, ...more],
      ],
      runtime: agentRuntime,
      logFile: join(this.#folder, 'logs', `agent-${this.name}.log`),
    });
  }

  /** Process id of the agent; undefined before it was started. */
  get agentPid(): number | undefined {
    return this.#agent?.child.pid;
  }

  /** Asks the agent to end, as an init system does. */
  async stopAgent(): Promise<void> {
    await this.#agent?.stop();
  }

  /** Ends the agent as a power cut would. */
  async killAgent(): Promise<void> {
    await this.#agent?.kill();
  }

  /** An object as the API server has it; undefined when it has none. */
  async read<Kind>(path: string): Promise<Kind | undefined> {
    const answer = await this.plane.admin.send('GET', path);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Error(`GET ${path} answered ${answer.status}: ${answer.text}`);
    // The caller names the documented Kubernetes kind that lives at the path.
    return JSON.parse(answer.text) as Kind;
  }

  /** Changes an object as a person with kubectl does. */
  async edit(path: string, patch: object): Promise<void> {
    const headers = { 'content-type': 'application/merge-patch+json' };
    await this.plane.admin.json('PATCH', `${path}?fieldManager=kubectl-edit`, patch, headers);
  }

  /**
   * From here on `agentWrites` counts. Waits first until the agent has nothing left to write: the status of an
   * assignment's object follows its members after a settling time, and is no write of what comes next.
   */
  async mark(): Promise<void> {
    let sinceMs = performance.now();
    const look = async () => {
      const seen = await this.plane.audit();
      if (writesIn(seen.slice(this.#mark), { user: agentUser, exceptResources: ['leases'] }).length > 0)
        sinceMs = performance.now();
      this.#mark = seen.length;
      return performance.now() - sinceMs > quietMs ? seen : undefined;
    };
    await waitFor(`${this.name} has nothing left to write`, look, { withinMs: quietWithinMs, everyMs: 200 });
  }

  /** Writes of the agent's user since the mark that the API server accepted, by its audit log; the Lease apart. */
  async agentWrites(): Promise<readonly AuditEvent[]> {
    const events = (await this.plane.audit()).slice(this.#mark);
    return writesIn(events, { user: agentUser, exceptResources: ['leases'] });
  }

  /** The same as lines for people. */
  async agentWriteLines(): Promise<readonly string[]> {
    return (await this.agentWrites()).map(formatAuditEvent);
  }

  /** Deletes of the agent's user since the mark that reached the API server, accepted or not. */
  async agentDeletes(): Promise<readonly AuditEvent[]> {
    return deletesIn((await this.plane.audit()).slice(this.#mark), { user: agentUser });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.stop();
    await this.plane.stop();
  }
}

/** As a person installs it: the listed profile, and a rule for the custom resources that this fleet brings. */
async function install(plane: ControlPlane, { folder, name }: MemberOptions): Promise<void> {
  const tools = await withTools('kubectl', 'kustomize');
  const { stdout } = await run(tools.kustomize, ['build', join(rootFolder, 'deploy/agent/profiles/listed')]);
  const manifest = join(folder, `${name}-install.yaml`);
  await writeFile(manifest, `${stdout}\n---\n${customResourceRules}`);
  const kubectl = ['--kubeconfig', plane.kubeconfigPath];
  await run(tools.kubectl, [...kubectl, 'apply', '--server-side', '--validate=strict', '-f', manifest]);
}

const customResourceRules = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: flotilla-agent-demo
rules:
- apiGroups: [demo.example.org]
  resources: ["*"]
  verbs: [get, list, watch, create, patch, update, delete]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: flotilla-agent-demo
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: flotilla-agent-demo
subjects:
- kind: ServiceAccount
  name: flotilla-agent
  namespace: flotilla-system
`;
