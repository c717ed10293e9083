import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtPrograms, ControlSide } from '../../real/control-side/index.ts';
import { builtAgent, MemberCluster } from '../../real/member-cluster/index.ts';
import { waitFor } from '../../real/waiting.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import { type Line, type Measured, readProcess } from '../results-file.ts';
import { round } from '../summary.ts';

const restMs = 90_000;
const everyMs = 5_000;
const countDefault = 12;

/**
 * Memory at rest: first a hub that nobody has joined, a minute and a half after its start; then an agent that follows it
 * and has nothing to keep (labels that no placement of the example matches).
 */
export async function measureIdle(request: BenchRequest): Promise<Measured> {
  const count = request.count ?? countDefault;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const control = stack.use(await ControlSide.start({ folder, programs: builtPrograms }));
  request.say('hub at rest');
  await pause(restMs);
  const hub = await sample('hub', control.pids.hub ?? 0, count);
  const member = stack.use(
    await MemberCluster.start({ name: 'idle', labels: { env: 'idle' }, folder, agentProgram: builtAgent }),
  );
  await member.startAgent(await control.client.joinLine(member.name, member.labels));
  await waitFor(
    'a connected agent',
    async () => {
      const clusters = await control.client.list('clusters');
      return clusters.some(({ status }) => status.freshness.isFresh) ? true : undefined;
    },
    { withinMs: 60_000 },
  );
  request.say('agent at rest');
  await pause(restMs);
  const agent = await sample('agent', member.agentPid ?? 0, count);
  const most = (lines: readonly IdleLine[]) => round(Math.max(...lines.map(({ rssMiB }) => rssMiB)));
  const figures = { hubRssMiB: most(hub), agentRssMiB: most(agent), budgets: { agentRssMiB: 80 } };
  return {
    lines: [...hub, ...agent],
    figures,
    text: [
      `hub at rest: ${figures.hubRssMiB} MiB RSS at most (n ${count}), its nats-server not counted`,
      `agent at rest: ${figures.agentRssMiB} MiB RSS at most (n ${count}); budget 80 MiB`,
    ],
  };
}

interface IdleLine extends Line {
  readonly rssMiB: number;
}

async function sample(program: string, pid: number, count: number): Promise<readonly IdleLine[]> {
  const lines: IdleLine[] = [];
  for (let index = 0; index < count; index += 1) {
    const { cpuMs, pssMiB, rssMiB } = await readProcess(pid);
    lines.push({ kind: 'idle', program, rssMiB: round(rssMiB), pssMiB: round(pssMiB), cpuMs });
    await pause(everyMs);
  }
  return lines;
}
