import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssignmentReport } from '@flotilla/shared/model';
import { memoryStateStore } from '../fakes/index.ts';
import { type RepositoryFiles, startAgentEngine } from '../real/agent-engine/index.ts';
import {
  type AdminClient,
  type AdminCredential,
  type AuditEvent,
  formatAuditEvent,
  startApiServer,
  startControlPlane,
  writesIn,
} from '../real/control-plane/index.ts';
import { compareSnapshots } from './compare.ts';
import { applyByKubectl, kubectlManager, type Manifest, manifestsOf, type Reference } from './reference.ts';
import { type ManifestSet, readFiles } from './sets.ts';
import { appliedBy, everything, keyIn, type Snapshot } from './snapshot.ts';
import { type Steps, stepsOf } from './steps.ts';

/** What one set showed. */
export interface SetOutcome {
  readonly name: string;
  readonly objects: number;
  /** Lines in which kubectl says what it refused to the end. */
  readonly refusedByKubectl: readonly string[];
  /** Objects that went when the set went back to its first half. */
  readonly pruned: number;
  /** What is not as it should be; none = the set passed. */
  readonly broken: readonly string[];
}

/** The part of a cluster that both kinds have. */
interface Cluster extends AsyncDisposable {
  readonly admin: AdminClient;
  readonly adminCredential: AdminCredential;
  audit(): Promise<readonly AuditEvent[]>;
}

const ourManager = 'flotilla';
/** What the agent is called in the audit log. */
const agentUserAgent = 'flotilla-conformance';
const controllersMs = 10_000;
/** Their deletes wait for a person; they stay in both halves. */
const protectedKinds = ['CustomResourceDefinition', 'Namespace', 'PersistentVolume', 'PersistentVolumeClaim'];

/**
 * One cluster gets the set by kubectl, another by the agent's engine: first half of it, then all, then, from an engine that
 * was started anew, all again, then the half again.
 */
export async function runSet(set: ManifestSet): Promise<SetOutcome> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-conformance-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [theirs, ours] = await startTwo(set, stack);
  const reference = { credential: theirs.adminCredential, folder };
  if (set.before !== undefined) await applyByKubectl(set, set.before, reference);
  const refused = await applyByKubectl(set, set.path, reference);

  const agent = await startAgentEngine({
    credential: ours.adminCredential,
    store: memoryStateStore(),
    userAgent: agentUserAgent,
  });
  const engine = stepsOf(stack.use(agent));
  const sides = { engine, ours, theirs };
  const half = await firstHalf(set, reference, await everything(theirs.admin));
  const first = await bringFirst(set, sides, half);
  const whole = await applyAll(set, sides, refused);
  const again = await applyAgain(engine, ours);
  const back = await goBack(set, sides, half);
  return {
    name: set.name,
    objects: whole.objects,
    refusedByKubectl: refused,
    pruned: back.pruned,
    broken: [...first, ...whole.broken, ...again, ...back.broken],
  };
}

/** The one that came up is the stack's also when the other one did not: a cluster that nobody ends keeps this process alive. */
async function startTwo(set: ManifestSet, stack: AsyncDisposableStack): Promise<[Cluster, Cluster]> {
  const starting = [startCluster(set), startCluster(set)] as const;
  for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') stack.use(one.value);
  return await Promise.all(starting);
}

async function startCluster(set: ManifestSet): Promise<Cluster> {
  return set.hasControllers ? await startControlPlane() : await startApiServer();
}

/** A part of the set, as the repository of its own that it is applied from. */
interface Half {
  readonly files: RepositoryFiles;
  /** Keys of its objects. */
  readonly keys: ReadonlySet<string>;
}

/** Every second manifest, and all whose deletes would wait for a person. */
async function firstHalf(set: ManifestSet, reference: Reference, all: Snapshot): Promise<Half> {
  const manifests = await manifestsOf(set, set.path, reference);
  // What kubectl refused would keep the half from ever being whole, and nothing is pruned before it is.
  const taken = manifests.filter((one) => keyIn(all, one, set.namespace) !== undefined);
  const half = taken.filter(({ kind }, index) => protectedKinds.includes(kind) || index % 2 === 0);
  const keys = half.flatMap((one) => keyIn(all, one, set.namespace) ?? []);
  return { files: filesOf(half), keys: new Set(keys) };
}

function filesOf(manifests: readonly Manifest[]): RepositoryFiles {
  return Object.fromEntries(
    manifests.map((one, index) => [`${String(index).padStart(4, '0')}.json`, JSON.stringify(one)]),
  );
}

/** The set as it was before an upgrade, else its first half. */
async function bringFirst(set: ManifestSet, { engine, ours }: Bringing, half: Half): Promise<string[]> {
  const { namespace, before } = set;
  if (before !== undefined) {
    await engine.bring({ files: await readFiles(set.root), path: before, namespace });
    return [];
  }
  const report = await engine.bring({ files: half.files, path: '', namespace });
  return judgeHalf(set, await applied(ours), { half, report });
}

function judgeHalf(
  set: ManifestSet,
  live: Snapshot,
  { half, report }: { readonly half: Half; readonly report: AssignmentReport },
): string[] {
  const extra = [...live.keys()].filter((key) => !half.keys.has(key) && key !== ownNamespace(set));
  const missing = [...half.keys].filter((key) => !live.has(key));
  const broken = [
    ...extra.map((key) => `${key} is there although the first half of the set does not have it`),
    ...missing.map((key) => `${key} is not there although the first half of the set has it`),
  ];
  return broken.length > 0 ? [...broken, `the agent says: ${say(report)}`] : [];
}

/** The namespace that the agent makes sure of belongs to no set that does not name it. */
function ownNamespace({ namespace }: ManifestSet): string {
  return `Namespace ${namespace}`;
}

interface Bringing {
  readonly engine: Steps;
  readonly ours: Cluster;
  readonly theirs: Cluster;
}

async function applied(ours: Cluster): Promise<Snapshot> {
  return appliedBy(ourManager, await everything(ours.admin));
}

async function applyAll(
  set: ManifestSet,
  { engine, ours, theirs }: Bringing,
  refused: readonly string[],
): Promise<{ readonly objects: number; readonly broken: readonly string[] }> {
  const { namespace, path } = set;
  const report = await engine.bring({ files: await readFiles(set.root), path, namespace });
  const { wanted, broken } = await untilSame(set, ours, theirs);
  const isSame = broken.length === 0 && (refused.length > 0 || isApplied(report));
  const told = [`the agent says: ${say(report)}`, ...refused.map((line) => `kubectl says: ${line}`)];
  return { objects: wanted.size, broken: isSame ? [] : [...broken, ...told] };
}

/** Controllers may still be writing into both. */
async function untilSame(set: ManifestSet, ours: Cluster, theirs: Cluster) {
  const untilMs = performance.now() + (set.hasControllers ? controllersMs : 0);
  for (;;) {
    const [all, mine] = await Promise.all([everything(theirs.admin), applied(ours)]);
    const byKubectl = appliedBy(kubectlManager, all);
    const wanted = new Map([...all].filter(([key]) => byKubectl.has(key) || isIn(mine, key, set)));
    const live = new Map([...mine].filter(([key]) => wanted.has(key) || isIn(mine, key, set)));
    const broken = compareSnapshots(wanted, live).map((one) => `${one.object} ${one.text}`);
    if (broken.length === 0 || performance.now() > untilMs) return { wanted, broken };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isIn(mine: Snapshot, key: string, set: ManifestSet): boolean {
  return mine.has(key) && key !== ownNamespace(set);
}

async function applyAgain(engine: Steps, ours: Cluster): Promise<string[]> {
  const before = (await agentWrites(ours)).length;
  await engine.restart();
  const writes = (await agentWrites(ours)).slice(before);
  return writes.map((event) => `applied a second time: ${formatAuditEvent(event)}`);
}

/** What the agent wrote and the server kept; its status on its own objects may settle later. */
async function agentWrites(ours: Cluster): Promise<readonly AuditEvent[]> {
  const events = writesIn(await ours.audit(), { exceptResources: ['leases'] });
  return events.filter(
    (event) => event.userAgent.startsWith(agentUserAgent) && event.subresource !== 'status',
  );
}

async function goBack(
  set: ManifestSet,
  { engine, ours }: Bringing,
  half: Half,
): Promise<{ readonly pruned: number; readonly broken: readonly string[] }> {
  const before = await applied(ours);
  const report = await engine.bring({ files: half.files, path: '', namespace: set.namespace });
  const live = await applied(ours);
  const pruned = [...before.keys()].filter((key) => !live.has(key)).length;
  return { pruned, broken: judgeHalf(set, live, { half, report }) };
}

function isApplied({ counts }: AssignmentReport): boolean {
  return counts.applied === counts.total;
}

function say({ state, reason, text, counts, failing }: AssignmentReport): string {
  const details = failing.map((one) => `${one.kind} ${one.name}: ${one.reason} ${one.message}`);
  return [
    `${state} ${reason} ${text} (${counts.applied} of ${counts.total} applied, ${counts.pruning} to go)`,
    ...details,
  ].join('; ');
}
