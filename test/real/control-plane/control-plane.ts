import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTools } from '../../tools/index.ts';
import { freePorts } from '../free-ports.ts';
import { waitFor } from '../waiting.ts';
import type { AdminClient, AdminCredential } from './admin-client.ts';
import { openAdminClient } from './admin-client.ts';
import type { AuditEvent } from './audit-log.ts';
import { readAuditLog } from './audit-log.ts';
import type { AuditSettings, ControlPlanePorts } from './kwok-config.ts';
import { auditPolicy, kwokConfig } from './kwok-config.ts';
import { endProcesses, killNow, logTails, readPids, runTool } from './processes.ts';

/** What can be chosen about a control plane. */
export interface ControlPlaneOptions {
  /** Fake nodes. Default 2. */
  readonly nodes?: number;
  /** Default: level Metadata, no reads. */
  readonly audit?: Partial<AuditSettings>;
  /** Takes away the controllers' client-side rate limits; benchmarks use it. Default false. */
  readonly disableQpsLimits?: boolean;
  /** How often autoscalers look, in seconds. Default 15, the controller's own. */
  readonly autoscalerSeconds?: number;
  /** First part of the cluster's name, for people who look at processes. Default `flotilla`. */
  readonly label?: string;
}

/** A running control plane: real etcd, API server, controllers and scheduler, and kwok's fake nodes. */
export interface ControlPlane extends AsyncDisposable {
  readonly name: string;
  readonly serverUrl: string;
  readonly kubeconfigPath: string;
  readonly caPath: string;
  readonly auditLogPath: string;
  readonly adminCredential: AdminCredential;
  /** Raw requests as administrator. */
  readonly admin: AdminClient;
  /** Process ids by component (`etcd`, `kube-apiserver`, ...), for faults and measurements. */
  pids(): Promise<Readonly<Record<string, number>>>;
  /** Everything that the audit log holds now. */
  audit(): Promise<readonly AuditEvent[]>;
  /** Ends all processes and removes all files. May be called twice. */
  stop(): Promise<void>;
}

const nodesDefault = 2;
const readyDeadlineMs = 60_000;

const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok-controller',
] as const;

/** Starts a whole real control plane with fake nodes; ready in about 4 s, about 590 MB. Errors name what is missing. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-kwok-'));
  const name = `${options.label ?? 'flotilla'}-${randomBytes(4).toString('hex')}`;
  const clusterFolder = join(folder, 'clusters', name);
  const onExit = () => killNow(join(clusterFolder, 'pids'));
  process.once('exit', onExit);

  async function stop(): Promise<void> {
    await endProcesses(join(clusterFolder, 'pids'));
    process.off('exit', onExit);
    await rm(folder, { recursive: true, force: true });
  }

  try {
    const ports = await allocatePorts();
    await createCluster({ folder, name, ports, options });
    const plane = await describeControlPlane({ name, clusterFolder, port: ports.apiServer, stop });
    await waitFor('a Ready cluster', () => isReady(plane.admin, options.nodes ?? nodesDefault), {
      withinMs: readyDeadlineMs,
      everyMs: 20,
    });
    return plane;
  } catch (error) {
    const tails = await logTails(join(clusterFolder, 'logs'), components);
    await stop();
    throw new Error(`control plane ${name} did not start${tails}`, { cause: error });
  }
}

async function allocatePorts(): Promise<ControlPlanePorts> {
  const [apiServer = 0, etcd = 0, etcdPeer = 0, controllerManager = 0, scheduler = 0, kwok = 0] =
    await freePorts(6);
  return { apiServer, etcd, etcdPeer, controllerManager, scheduler, kwok };
}

interface CreateRequest {
  readonly folder: string;
  readonly name: string;
  readonly ports: ControlPlanePorts;
  readonly options: ControlPlaneOptions;
}

async function createCluster(request: CreateRequest): Promise<void> {
  const { folder, name, options } = request;
  const tools = await withTools(
    'kwokctl',
    'kwok',
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
  );
  const configPath = join(folder, 'config.yaml');
  const policyPath = join(folder, 'audit-policy.yaml');
  await writeFile(configPath, kwokConfig(request.ports));
  await writeFile(policyPath, auditPolicy({ level: 'Metadata', reads: false, ...options.audit }));
  const environment = { KWOK_WORKDIR: folder };
  const create = [
    ...['create', 'cluster', '--name', name, '--runtime', 'binary', '--config', configPath],
    ...['--etcd-binary', tools.etcd, '--kube-apiserver-binary', tools['kube-apiserver']],
    ...['--kube-controller-manager-binary', tools['kube-controller-manager']],
    ...['--kube-scheduler-binary', tools['kube-scheduler'], '--kwok-controller-binary', tools.kwok],
    ...['--kubeconfig', join(folder, 'kubeconfig'), '--kube-audit-policy', policyPath],
    ...autoscalerArguments(options.autoscalerSeconds),
    ...['--wait', '60s', ...(options.disableQpsLimits === true ? ['--disable-qps-limits'] : [])],
  ];
  await runTool(tools.kwokctl, create, environment);
  const nodes = options.nodes ?? nodesDefault;
  const scale = ['--name', name, '--config', configPath, 'scale', 'node', '--replicas', String(nodes)];
  if (nodes > 0) await runTool(tools.kwokctl, scale, environment);
}

function autoscalerArguments(seconds: number | undefined): readonly string[] {
  if (seconds === undefined) return [];
  return ['--extra-args', `kube-controller-manager=horizontal-pod-autoscaler-sync-period=${seconds}s`];
}

/** Pods can be made and will run: the controllers made the default ServiceAccount, and the nodes are Ready. */
async function isReady(admin: AdminClient, nodes: number): Promise<boolean> {
  const account = await admin.send('GET', '/api/v1/namespaces/default/serviceaccounts/default');
  if (account.status !== 200) return false;
  // NodeList of the core API.
  const list = (await admin.json('GET', '/api/v1/nodes')) as {
    items: { status?: { conditions?: { type: string; status: string }[] } }[];
  };
  const isNodeReady = (conditions: { type: string; status: string }[] = []) =>
    conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return list.items.filter((node) => isNodeReady(node.status?.conditions)).length >= nodes;
}

interface Started {
  readonly name: string;
  readonly clusterFolder: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

async function describeControlPlane(started: Started): Promise<ControlPlane> {
  const { name, clusterFolder } = started;
  const pki = join(clusterFolder, 'pki');
  const serverUrl = `https://127.0.0.1:${started.port}`;
  const adminCredential = {
    serverUrl,
    caPem: await readFile(join(pki, 'ca.crt'), 'utf8'),
    certPem: await readFile(join(pki, 'admin.crt'), 'utf8'),
    keyPem: await readFile(join(pki, 'admin.key'), 'utf8'),
  };
  const admin = openAdminClient(adminCredential);
  const auditLogPath = join(clusterFolder, 'logs', 'audit.log');
  async function stop(): Promise<void> {
    admin.close();
    await started.stop();
  }
  return {
    name,
    serverUrl,
    kubeconfigPath: join(clusterFolder, 'kubeconfig.yaml'),
    caPath: join(pki, 'ca.crt'),
    auditLogPath,
    adminCredential,
    admin,
    pids: () => readPids(join(clusterFolder, 'pids')),
    audit: () => readAuditLog(auditLogPath),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
