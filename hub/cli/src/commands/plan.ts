import { parseClustersFile, planPreview, planSide, runningBy, standingAtRest } from '@flotilla/hub/core';
import { type ClusterUid, digestOf, type Json } from '@flotilla/shared/base';
import { apiVersion, type Cluster, type PlanPreview, problemCodes } from '@flotilla/shared/model';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { ApiClient } from '../hub/index.ts';
import { type LocalRepository, type LocalTree, openLocal, readClusters, readState } from '../local/index.ts';
import { type OutputFormat, planLines, writeDocument } from '../output/index.ts';

/** Flags of `plan`. */
export interface PlanOptions {
  readonly output: OutputFormat;
  /** Root of a control repository on this machine. */
  readonly dir?: string | undefined;
  /** A branch or tag that the hub looks at. */
  readonly ref?: string | undefined;
  /** A commit that the hub looks at. */
  readonly commit?: string | undefined;
  /** With a working tree: the fleet, so that no hub is asked. */
  readonly clusters?: string | undefined;
  /** With a working tree: the revision to compare with. */
  readonly against?: string | undefined;
  /** Also what the files differ in. */
  readonly diff?: boolean | undefined;
  /** End with 1 when anything would happen. */
  readonly exitCode?: boolean | undefined;
  /** End with 1 when the plan has another id. */
  readonly expect?: string | undefined;
}

/** A plan, and what its files differ in; undefined where that was not asked, or cannot be seen here. */
interface Planned {
  readonly plan: PlanPreview;
  readonly diff: string | undefined;
}

/** `flotilla plan`: what a branch, a commit or a working tree would do, before it is in force. */
export async function showPlan(options: PlanOptions, deps: CommandDeps): Promise<ExitCode> {
  const { terminal } = deps;
  checkFlags(options);
  const { diff, plan } =
    options.ref === undefined && options.commit === undefined
      ? await planTree(options, deps)
      : await planAtHub(options, deps);
  const { output } = options;
  if (output === 'json' || output === 'yaml')
    await writeDocument(
      { apiVersion, kind: 'Plan', ...plan, ...(diff !== undefined && { diff }) },
      output,
      terminal,
    );
  else for (const line of planLines(plan, diff, terminal)) terminal.print(line);
  if (options.expect !== undefined && !plan.id.startsWith(options.expect))
    throw anotherPlan(options.expect, plan);
  const isSomething = plan.placements.length > 0 || plan.errors.length > 0;
  return options.exitCode === true && isSomething ? exitCodes.difference : exitCodes.ok;
}

function checkFlags({ against, clusters, commit, diff, dir, expect, ref }: PlanOptions): void {
  const isAtHub = ref !== undefined || commit !== undefined;
  if (ref !== undefined && commit !== undefined) throw usageError('--ref and --commit exclude each other');
  if (isAtHub && [dir, clusters, against, diff].some((one) => one !== undefined)) {
    throw usageError('--dir, --clusters, --against and --diff are for a working tree', {
      cause: 'with --ref or --commit the hub looks at its own repository',
    });
  }
  if (commit !== undefined && !/^[0-9a-f]{40,64}$/.test(commit))
    throw usageError(`--commit ${JSON.stringify(commit)} is no full commit id`, {
      next: 'git rev-parse HEAD',
    });
  if (expect !== undefined && !/^[0-9a-f]{8,64}$/.test(expect))
    throw usageError('--expect takes the id of a plan, or at least its first 8 characters');
}

async function planAtHub({ commit, ref }: PlanOptions, deps: CommandDeps): Promise<Planned> {
  const client = await deps.openClient();
  return { plan: await client.plan({ commit, ref }, deps.signal), diff: undefined };
}

async function planTree(options: PlanOptions, deps: CommandDeps): Promise<Planned> {
  const { signal } = deps;
  await using repository = await openLocal(options.dir ?? '.', signal);
  const client = options.clusters === undefined ? await deps.openClient() : undefined;
  const clusters = client ? await clustersOf(client, signal) : await readClusters(options.clusters ?? '');
  const against = options.against ?? (client ? await inForce(client, signal) : 'HEAD');
  const [old, now] = [await repository.revision(against, signal), await repository.workingTree(signal)];
  const before = planSide(await readState(repository, old, signal), { clusters, commit: old.commit });
  const after = planSide(await readState(repository, now, signal), {
    clusters,
    commit: undefined,
    runningOf: runningBy(before),
  });
  const byUid = new Map<ClusterUid, Cluster>(clusters.map((one) => [one.uid, one]));
  const sorted = [...clusters].sort((left, right) => (left.name < right.name ? -1 : 1));
  const plan = planPreview({
    before,
    after: { ...after, assumptions: [...after.assumptions, atRest] },
    standingOf: (name) => standingAtRest(name, { before, after }, byUid),
    nameOf: (uid) => byUid.get(uid)?.name ?? uid,
    nowMs: Date.now(),
    // Clusters are plain data of the model; every member is JSON.
    inputs: digestOf(sorted as unknown as Json),
  });
  return {
    plan,
    diff: options.diff === true ? await diffOf(repository, { old, now, plan }, signal) : undefined,
  };
}

const atRest = 'every cluster is connected, well, and runs what is compared with; no rollout runs';

/** The clusters that the hub knows. */
async function clustersOf(client: ApiClient, signal: AbortSignal): Promise<readonly Cluster[]> {
  const found: Cluster[] = [];
  let next: string | undefined;
  do {
    const page = await client.list('clusters', { continue: next }, signal);
    const read = parseClustersFile(JSON.stringify({ items: page.items }));
    if (!read.ok) throw new TypeError(`the hub lists clusters that cannot be read: ${read.error}`);
    found.push(...read.value);
    next = page.metadata.continue;
  } while (next !== undefined);
  return found;
}

/** The commit of the control repository that is in force. */
async function inForce(client: ApiClient, signal: AbortSignal): Promise<string> {
  const { status } = await client.status(signal);
  if (status.control.commit !== undefined) return status.control.commit.id;
  throw usageError('no commit is in force at the hub yet', {
    cause: status.control.failure?.text ?? 'it has not read its control repository',
    next: 'flotilla plan --against HEAD',
  });
}

const diffBytesMax = 262_144;

async function diffOf(
  repository: LocalRepository,
  { now, old, plan }: { readonly now: LocalTree; readonly old: LocalTree; readonly plan: PlanPreview },
  signal: AbortSignal,
): Promise<string> {
  const files = plan.placements.flatMap(({ variants }) => variants.flatMap((one) => one.files));
  const paths = [...new Set(files.map(({ path }) => path))].sort();
  const text = paths.length === 0 ? '' : await repository.diff([old.treeId, now.treeId], paths, signal);
  if (text.length <= diffBytesMax) return text;
  return `${text.slice(0, diffBytesMax)}\n... ${text.length - diffBytesMax} more characters are left out`;
}

function anotherPlan(expected: string, { id }: PlanPreview): CliError {
  return new CliError(
    {
      code: problemCodes.anotherPlan,
      text: `the plan is not ${expected} any more, but ${id.slice(0, 12)}`,
      cause: 'the files, the clusters or what runs changed since it was looked at',
      stillTrue: 'nothing was changed',
    },
    exitCodes.difference,
    undefined,
    true,
  );
}
