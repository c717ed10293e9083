import { join } from 'node:path';
import { openContentReader } from '@flotilla/agent/io/content';
import { openFolderStore } from '@flotilla/agent/io/state-store';
import type { PlacementName } from '@flotilla/shared/base';
import { type GitFault, serverFaults, silenceMs, truncatedPack } from '../../e2e/world/git-faults.ts';
import { type AgentEngine, startAgentEngine } from '../../real/agent-engine/index.ts';
import type { ApiServer } from '../../real/control-plane/index.ts';
import { createRepository, type GitServer, type TestRepository } from '../../real/git-server/index.ts';
import { type Settings, settingsFiles } from '../settings.ts';

/** A repository whose server misbehaves in one way, and the assignment that takes its content from it. */
export interface Trial {
  readonly placement: PlacementName;
  /** Undefined: its server stays good, and it has to go on while the others cannot. */
  readonly fault: GitFault | undefined;
  readonly repository: TestRepository;
  /** Of the repository at its server. */
  readonly name: string;
}

/** What all trials share. */
export interface Stage {
  readonly server: ApiServer;
  readonly git: GitServer;
  readonly folder: string;
}

const userAgent = 'flotilla-git-answers';
const folderOfSet = 'app';

/** A repository for each fault, and one that stays good. */
export async function makeTrials(root: string): Promise<readonly Trial[]> {
  const made: Trial[] = [];
  for (const fault of [...serverFaults, truncatedPack, undefined]) {
    const name = fault?.fault ?? 'good';
    const repository = await createRepository(join(root, `${name}.git`));
    made.push({ name, fault, repository, placement: `git-${name}` as PlacementName });
  }
  return made;
}

/** An agent that starts anew: it asks every server for its advertisement again. */
export async function startLife({
  server,
  folder,
}: Stage): Promise<AsyncDisposable & { readonly engine: AgentEngine }> {
  await using stack = new AsyncDisposableStack();
  const content = await openContentReader({
    folder: join(folder, 'cache'),
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
    silenceMs,
  });
  stack.defer(() => content.close());
  const store = await openFolderStore(join(folder, 'records'));
  const credential = server.adminCredential;
  const engine = stack.use(await startAgentEngine({ credential, store, userAgent, content }));
  const owned = stack.move();
  return { engine, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Commits what a trial is to hold, and assigns that commit. */
export async function assignSettings(
  { engine, git }: { readonly engine: AgentEngine; readonly git: GitServer },
  { placement, repository, name }: Trial,
  { settings, seq }: { readonly settings: Settings; readonly seq: number },
): Promise<void> {
  // Equal content would be had from the cache, whoever's server it came from.
  const files = settingsFiles(settings, folderOfSet, name);
  await engine.assignRow({
    ...{ placement, seq, namespace: placement, repositoryUrl: git.urlOf(name) },
    commit: await repository.commit(files, { replaceAll: true }),
    trees: [{ path: folderOfSet, treeId: await repository.idOf(`main:${folderOfSet}`) }],
  });
}

/** Everything that was asked of a repository, answered or not. */
export function requestsOf(git: GitServer, { name }: Trial): number {
  const { fetchBytes: _bytes, ...counts } = git.stats(name);
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
