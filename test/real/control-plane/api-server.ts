import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { withTools } from '../../tools/index.ts';
import { freePorts } from '../free-ports.ts';
import { waitFor } from '../waiting.ts';
import type { AdminClient, AdminCredential } from './admin-client.ts';
import { openAdminClient } from './admin-client.ts';
import { type AuditEvent, readAuditLog } from './audit-log.ts';
import { auditPolicy } from './kwok-config.ts';
import { logTails } from './processes.ts';

/** An API server alone: etcd and kube-apiserver, no controllers, no nodes. */
export interface ApiServer extends AsyncDisposable {
  readonly serverUrl: string;
  readonly adminCredential: AdminCredential;
  /** Raw requests as administrator. */
  readonly admin: AdminClient;
  /** Every write that the audit log holds now. */
  audit(): Promise<readonly AuditEvent[]>;
  /** Ends both processes and removes all files. May be called twice. */
  stop(): Promise<void>;
}

const readyDeadlineMs = 60_000;
const auditPolicyFile = 'audit-policy.yaml';
const auditLogFile = 'audit.log';

/** Starts an API server alone; ready in about 3 s, about 300 MB. Nothing but what clients write ever changes there. */
export async function startApiServer(): Promise<ApiServer> {
  const tools = await withTools('etcd', 'kube-apiserver');
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-apiserver-'));
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
  const token = randomBytes(16).toString('hex');
  const children: ChildProcess[] = [];
  const onExit = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', onExit);

  async function stop(): Promise<void> {
    onExit();
    await Promise.all(children.map(ended));
    process.off('exit', onExit);
    await rm(folder, { recursive: true, force: true });
  }

  try {
    await writeFile(join(folder, 'tokens.csv'), `${token},contract-admin,admin,system:masters\n`);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs1', format: 'pem' });
    await writeFile(join(folder, 'accounts.key'), key);
    await writeFile(join(folder, auditPolicyFile), auditPolicy({ level: 'Metadata', reads: false }));
    children.push(await startChild(folder, tools.etcd, 'etcd', etcdArguments(folder, etcdPort, peerPort)));
    const serverArguments = apiServerArguments(folder, etcdPort, port);
    children.push(await startChild(folder, tools['kube-apiserver'], 'kube-apiserver', serverArguments));
    return await describeServer({ folder, port, token, children, stop });
  } catch (error) {
    const tails = await logTails(folder, ['etcd', 'kube-apiserver']);
    await stop();
    throw new Error(`the API server did not start${tails}`, { cause: error });
  }
}

function etcdArguments(folder: string, port: number, peerPort: number): readonly string[] {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // Nothing of it outlives the test.
    '--unsafe-no-fsync',
  ];
}

function apiServerArguments(folder: string, etcdPort: number, port: number): readonly string[] {
  const key = join(folder, 'accounts.key');
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/16',
    `--audit-policy-file=${join(folder, auditPolicyFile)}`,
    `--audit-log-path=${join(folder, auditLogFile)}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    // Without controllers no namespace has a ServiceAccount, and no pod could be made.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

async function startChild(
  folder: string,
  program: string,
  name: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const log = await open(join(folder, `${name}.log`), 'w');
  const child = spawn(program, args, { stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

interface StartedServer {
  readonly folder: string;
  readonly port: number;
  readonly token: string;
  readonly children: readonly ChildProcess[];
  readonly stop: () => Promise<void>;
}

function processOver(children: readonly ChildProcess[]): string | undefined {
  const over = children.find((child) => child.exitCode !== null || child.signalCode !== null);
  return over && `${basename(over.spawnfile)} has ended with ${over.signalCode ?? over.exitCode}`;
}

async function describeServer(started: StartedServer): Promise<ApiServer> {
  const serverUrl = `https://127.0.0.1:${started.port}`;
  const limits = {
    withinMs: readyDeadlineMs,
    everyMs: 20,
    pointless: () => processOver(started.children),
  };
  const certificate = join(started.folder, 'certificates', 'apiserver.crt');
  let caPem = '';
  await waitFor(
    'the certificate of the API server',
    async () => {
      caPem = await readFile(certificate, 'utf8').catch(() => '');
      return caPem !== '';
    },
    limits,
  );
  const adminCredential = { serverUrl, caPem, token: started.token };
  const admin = openAdminClient(adminCredential);
  await waitFor(
    'a ready API server',
    async () => {
      const answer = await admin.send('GET', '/readyz').catch(() => undefined);
      return answer?.status === 200;
    },
    limits,
  );
  async function stop(): Promise<void> {
    admin.close();
    await started.stop();
  }
  const audit = () => readAuditLog(join(started.folder, auditLogFile));
  return { serverUrl, adminCredential, admin, audit, stop, [Symbol.asyncDispose]: stop };
}
