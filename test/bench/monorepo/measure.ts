import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlacementName } from '@flotilla/shared/base';
import { rowOf } from '../../real/agent-engine/index.ts';
import { selectEvents } from '../../real/control-plane/index.ts';
import { runGit } from '../../real/git-server/index.ts';
import { agentUser, builtAgent, MemberCluster } from '../../real/member-cluster/index.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import { type AssigningSide, startAssigningSide } from '../reconcile/index.ts';
import type { Line, Measured } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { configMapText, objectCount, wholeRepository } from './repository.ts';

const changesDefault = 10;
const placement = 'large' as PlacementName;
const budgets = { peakMiB: 150 } as const;

/**
 * One application of 1,000 objects in a repository of 5,000 files and 70 MB, by the agent as its built single file on a real control
 * plane: what its first coming and a change of one line cost in bytes between agent and Git server, in writes, and in memory.
 */
export async function measureMonorepo(request: BenchRequest): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const side = stack.use(await startAssigningSide(folder));
  const url = new URL(side.repositoryUrl);
  const proxy = stack.use(await startCountingProxy(Number(url.port)));
  url.port = String(proxy.port);
  const plane = { disableQpsLimits: true, nodes: 0, audit: { reads: true } };
  const member = stack.use(
    await MemberCluster.start({ name: 'mono', labels: {}, folder, agentProgram: builtAgent, plane }),
  );
  request.say('a repository is made');
  await side.commit(wholeRepository());
  await member.startAgent(await side.joinLine('mono'));
  await pause(10_000);
  const bench = { side, member, repositoryUrl: url.href };
  const lines: Line[] = [];
  const take = async (what: string, files: Readonly<Record<string, string>>) => {
    proxy.take();
    const line = { kind: what, ...(await bringOne(bench, files)), wireBytes: proxy.take() };
    request.say(JSON.stringify(line));
    lines.push(line);
  };
  await take('first', { 'apps/large/object-0000.yaml': configMapText(0, 1) });
  for (let change = 0; change < (request.count ?? changesDefault); change += 1) {
    await pause(2_000);
    const index = (change * 97) % objectCount;
    await take('change', {
      [`apps/large/object-${String(index).padStart(4, '0')}.yaml`]: configMapText(index, change + 2),
    });
  }
  await pause(5_000);
  const memory = { kind: 'memory', ...(await memoryOf(member)) };
  await runGit(['clone', '--quiet', '--depth', '1', url.href, join(folder, 'clone')]);
  return figuresOf([...lines, memory, { kind: 'clone --depth 1', wireBytes: proxy.take() }]);
}

interface Parts {
  readonly side: AssigningSide;
  readonly member: MemberCluster;
  readonly repositoryUrl: string;
}

let seq = 1;

/** Commits, assigns what came of it, and waits until the agent says Ready of it. */
async function bringOne({ side, member, repositoryUrl }: Parts, files: Readonly<Record<string, string>>) {
  seq += 1;
  const commit = await side.commit(files);
  const treeId = (await side.treesAt(commit)).get(placement);
  if (treeId === undefined) throw new Error('apps/large is not in the commit');
  const content = { commit, trees: [{ path: 'apps/large', treeId }], repositoryUrl };
  const row = rowOf({ placement, namespace: 'large', seq, ...content });
  const from = (await member.plane.audit()).length;
  let last = '';
  const ready = side.untilReport(
    ({ assignments }) => {
      const one = assignments.find((assignment) => assignment.placement === placement);
      last = JSON.stringify(one);
      return one?.version.seq === row.version.seq && one.state === 'Ready';
    },
    () => `the agent does not get ready: ${last}`,
  );
  const startedMs = side.assign(new Map([[placement, row]]));
  const saidMs = round((await ready) - startedMs);
  const events = selectEvents((await member.plane.audit()).slice(from), {
    user: agentUser,
    verbs: ['create', 'patch'],
  });
  const writes = events.filter(({ resource }) => resource === 'configmaps').length;
  return { saidMs, writes, ...(await memoryOf(member)) };
}

async function memoryOf(member: MemberCluster) {
  const text = await readFile(`/proc/${member.agentPid ?? 0}/status`, 'utf8');
  const mib = (field: string) =>
    round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1_024);
  return { rssMiB: mib('VmRSS'), peakRssMiB: mib('VmHWM') };
}

function figuresOf(lines: readonly Line[]): Measured {
  const numbers = (kind: string, field: string) =>
    lines.filter((line) => line.kind === kind).map((line) => Number(line[field]));
  const kib = (kind: string) => numbers(kind, 'wireBytes').map((bytes) => round(bytes / 1_024));
  const [first, changed] = [kib('first')[0] ?? 0, summarize(kib('change'))];
  const said = summarize(numbers('change', 'saidMs'));
  const [peakMiB = 0, restMiB = 0, cloneKib = 0] = [
    ...numbers('memory', 'peakRssMiB'),
    ...numbers('memory', 'rssMiB'),
    ...kib('clone --depth 1'),
  ];
  const figures = {
    firstWireKib: first,
    firstSaidMs: numbers('first', 'saidMs')[0],
    changeWireKib: changed,
    changeSaidMs: said,
    changeWrites: summarize(numbers('change', 'writes')),
    restMiB,
    peakMiB,
    cloneWireKib: cloneKib,
    budgets,
  };
  return {
    lines,
    figures,
    text: [
      `first: ${first} KiB on the wire; a clone --depth 1 takes ${cloneKib} KiB`,
      `change of one line, on the wire: ${describeSummary(changed, 'KiB')}`,
      `change of one line, row to Ready said: ${describeSummary(said, 'ms')}`,
      `memory with 1,000 objects: ${restMiB} MiB at rest, peak ${peakMiB} MiB; budget ${budgets.peakMiB} MiB`,
    ],
  };
}
