import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type SessionWorld, startSessions } from '@flotilla/hub/sessions';
import type { ClusterName, ClusterUid, GitId, PlacementName } from '@flotilla/shared/base';
import { seededRandom } from '@flotilla/shared/base';
import { reportOfPayload } from '@flotilla/shared/codec';
import { createMetrics, gzip, silentLogger, systemClock } from '@flotilla/shared/kit';
import { memberOf, type Report, type Row, rowMacInput, statusSubject } from '@flotilla/shared/model';
import { type RunningProcess, startProcess } from '../../real/control-side/index.ts';
import { createRepository, type FileChange, type TestRepository } from '../../real/git-server/index.ts';
import { startTestBus } from '../../real/identity/bus.ts';
import { startTestFleet } from '../../real/identity/fleet.ts';
import { rootFolder } from '../../tools/index.ts';

/**
 * What an agent needs to work, without a hub's deciding: a Git server, a bus, enrolment, and the production sessions over rows
 * that the measurement sets. So what is measured is the agent's, and a hub takes nothing of the machine.
 */
export interface AssigningSide extends AsyncDisposable {
  /** Makes an agent a member. */
  joinLine(name: string): Promise<string>;
  /** Commits to the repository of applications. */
  commit(files: Readonly<Record<string, FileChange>>): Promise<GitId>;
  /** Ids of the folders directly below `apps` at a commit. */
  treesAt(commit: GitId): Promise<ReadonlyMap<string, GitId>>;
  readonly repositoryUrl: string;
  /** What is wanted on the cluster from now on. Returns when it was handed to the sessions, monotonic milliseconds. */
  assign(rows: ReadonlyMap<PlacementName, Row>): number;
  /** The moment of the first report on the bus in which it holds, monotonic milliseconds. Rejects with `what` when none comes. */
  untilReport(isMet: (report: Report) => boolean, what: () => string): Promise<number>;
}

const reportWithinMs = 120_000;

/** Starts it in a folder. */
export async function startAssigningSide(folder: string): Promise<AssigningSide> {
  await using stack = new AsyncDisposableStack();
  const gitRoot = join(folder, 'git');
  await mkdir(join(folder, 'logs'), { recursive: true });
  const repository = await createRepository(join(gitRoot, 'apps.git'));
  const { url, process } = await startGit(folder, gitRoot);
  stack.defer(() => process.stop());
  const bus = stack.use(await startTestBus());
  const world = new RowsOfOne();
  const stop = new AbortController();
  const fleet = stack.use(
    await startTestFleet({
      identity: bus.identity,
      natsUrls: [bus.server.url],
      serve: async (streams) => {
        const clock = systemClock();
        const common = { clock, random: seededRandom(1), log: silentLogger, metrics: createMetrics() };
        await startSessions({ ...common, listener: { streams }, world: world.as(bus.identity) }, stop.signal)
          .ended;
      },
    }),
  );
  stack.defer(() => stop.abort());
  const client = await bus.connectHub('FLEET');
  const heard = new Set<(report: Report, atMs: number) => void>();
  const subscription = client.subscribe('flotilla.status.*', {
    callback: (_error, message) => {
      const atMs = performance.now();
      const report = reportOfPayload(message.data, gzip);
      if (!report.ok) throw new Error(`a report that cannot be read: ${report.error.text}`);
      world.reported(message.subject, report.value);
      for (const listener of heard) listener(report.value, atMs);
    },
  });
  stack.defer(() => subscription.unsubscribe());
  await client.flush();
  const owned = stack.move();
  return {
    joinLine: (name) => fleet.joinLine({ clusterName: name as ClusterName }),
    commit: (files) => repository.commit(files),
    treesAt: (commit) => treesAt(repository, commit),
    repositoryUrl: `${url}/apps.git`,
    assign: (rows) => world.set(rows),
    async untilReport(isMet, what) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const listener = (report: Report, atMs: number) => {
        if (isMet(report)) resolve(atMs);
      };
      heard.add(listener);
      const timer = setTimeout(() => reject(new Error(what())), reportWithinMs);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        heard.delete(listener);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startGit(
  folder: string,
  gitRoot: string,
): Promise<{ readonly url: string; readonly process: RunningProcess }> {
  const process = startProcess({
    name: 'git server',
    args: [join(rootFolder, 'test/real/git-server/main.ts'), '--root', gitRoot],
    logFile: join(folder, 'logs', 'git.log'),
  });
  // The first line of the Git server, in its documented shape.
  const { url } = JSON.parse(await process.firstLine) as { readonly url: string };
  return { url, process };
}

async function treesAt(repository: TestRepository, commit: GitId): Promise<ReadonlyMap<string, GitId>> {
  const text = (await repository.git(['ls-tree', `${commit}:apps`])).toString();
  const entries = [...text.matchAll(/^040000 tree (\S+)\t(.+)$/gm)];
  return new Map(entries.map(([, id = '', name = '']) => [name, id as GitId]));
}

/** The rows of the one cluster that there is. */
class RowsOfOne {
  #rows: readonly Row[] = [];
  #seq = 1;
  #report: { readonly incarnation: number; readonly seq: number } | undefined;
  readonly #listeners = new Set<(rowsOf: readonly ClusterUid[] | undefined) => void>();
  #uids: readonly ClusterUid[] = [];

  set(rows: ReadonlyMap<PlacementName, Row>): number {
    this.#rows = [...rows.values()].sort((left, right) => (left.placement < right.placement ? -1 : 1));
    const atMs = performance.now();
    this.#seq = Math.max(this.#seq, ...this.#rows.map((row) => row.version.seq));
    for (const listener of this.#listeners) listener(this.#uids.length === 0 ? undefined : this.#uids);
    return atMs;
  }

  reported(subject: string, { incarnation, seq }: Report): void {
    // The server lets an agent publish on its own subject only.
    this.#uids = [subject.slice(statusSubject('' as ClusterUid).length) as ClusterUid];
    this.#report = { incarnation, seq };
  }

  as({ hubId, signer }: Awaited<ReturnType<typeof startTestBus>>['identity']): SessionWorld {
    return {
      hubId,
      hubVersion: '0.0.0-bench',
      readiness: () => ({ kind: 'ready' }),
      epoch: () => 1,
      foldedSeq: () => this.#seq,
      isLogged: () => undefined,
      readLogEnd: async () => this.#seq,
      desiredRows: (uid) =>
        this.#rows.map((row) => {
          const { proof, ...rest } = row;
          const mac = signer.macRow(rowMacInput(uid, memberOf(row), proof.eventHash));
          return { ...rest, proof: { ...proof, mac } } as Row;
        }),
      cluster: () => ({ name: 'bench' as ClusterName, labels: {} }),
      clusters: () => this.#uids,
      foldedReport: () => this.#report,
      onceHeard: () => [],
      rejections: () => [],
      publishReport: async () => {},
      macRow: (input) => signer.macRow(input),
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      onEvidence: (_uid, evidence) => {
        if (evidence.kind === 'rejected' || evidence.kind === 'alarm')
          throw new Error(`the agent does not take what it is given: ${JSON.stringify(evidence)}`);
      },
      onPresence: () => {},
      onHubHealth: () => {},
    };
  }
}
