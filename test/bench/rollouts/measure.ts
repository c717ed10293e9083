import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtPrograms, ControlSide, connectHubBus } from '../../real/control-side/index.ts';
import { waitFor } from '../../real/waiting.ts';
import { readTree } from '../demo/process-tree.ts';
import { LoadFleet } from '../load/load-fleet.ts';
import type { Proof } from '../load/well-reporter.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import { type Line, type Measured, readProcess } from '../results-file.ts';
import { writeSeed } from '../seed-folder.ts';
import { describeSummary, round, summarize } from '../summary.ts';
import { Decisions, type Latency, latenciesOf } from './decisions.ts';

const agentsDefault = 1_000;
const placementsDefault = 100;
const roundsDefault = 3;
/** Clusters are in so many groups, and each placement goes to one of them. */
const groups = 10;
/** A round that takes longer is no measurement of anything. */
const withinMs = 90_000;
const sayEveryMs = 10_000;
/** In the content of every round: one that goes on in an old folder must not bring back what is stable there. */
const begunMs = Date.now();

/**
 * A commit that starts 100 rollouts at once, each over a tenth of 1,000 clusters in six waves with a soak of one second;
 * agents that say Ready as soon as they hold a row share the machine with the hub.
 */
export async function measureRollouts(request: BenchRequest): Promise<Measured> {
  const agents = request.agents ?? agentsDefault;
  const placements = request.placements ?? placementsDefault;
  const folder = request.folder ?? (await mkdtemp(join(tmpdir(), 'flotilla-bench-')));
  await using stack = new AsyncDisposableStack();
  if (request.folder === undefined) stack.defer(() => rm(folder, { recursive: true, force: true }));
  const control = stack.use(
    await ControlSide.start({ folder, seed: await writeSeed(folder, rules), programs: builtPrograms }),
  );
  const labelsOf = (index: number) => ({ group: `g${index % groups}` });
  const { say } = request;
  const fleet = stack.use(
    await LoadFleet.start(control, { folder, count: agents, labelsOf, isReporting: true, say }),
  );
  const { dataDir, busPort } = control.settings;
  const bus = stack.use(await connectHubBus({ dataDir, busPort }, 'hub'));
  const decisions = stack.use(await Decisions.open(bus));
  const about = { control, decisions, fleet, placements, say };
  say(`${placements} placements go out for the first time`);
  await oneRound(about, 0);
  say('round 0 is over');
  const rounds: RoundLine[] = [];
  for (let number = 1; number <= (request.count ?? roundsDefault); number += 1) {
    await pause(10_000);
    rounds.push(await oneRound(about, number));
    const { latencies: _all, ...line } = rounds.at(-1) ?? {};
    say(JSON.stringify(line));
  }
  return figuresOf(rounds, { agents, placements });
}

interface About {
  readonly control: ControlSide;
  readonly decisions: Decisions;
  readonly fleet: LoadFleet;
  readonly placements: number;
  readonly say: BenchRequest['say'];
}

interface RoundLine extends Line {
  readonly wallMs: number;
  readonly hubCpuMs: number;
  /** Of the bus server, a child of the hub. */
  readonly busCpuMs: number;
  /** Of the processes that play the agents: no part of a hub's cost, but they share its two cores. */
  readonly agentsCpuMs: number;
  readonly hubRssMiB: number;
  readonly decisions: number;
  readonly decisionsPerS: number;
  readonly latencies: readonly Latency[];
}

async function oneRound(about: About, number: number): Promise<RoundLine> {
  const { control, decisions, fleet, placements, say } = about;
  await fleet.proofs();
  const before = await readAll(about);
  const fromSeq = decisions.lastSeq;
  const startedMs = performance.now();
  await control.workshop.push(filesOf(placements, `${begunMs}-${number}`), `Round ${number}`);
  const proofs: Proof[] = [];
  let sayAtMs = startedMs + sayEveryMs;
  await waitFor(
    'the end of all rollouts',
    async () => {
      proofs.push(...(await fleet.proofs()));
      const ended = decisions.succeededAfter(fromSeq);
      if (performance.now() >= sayAtMs) {
        sayAtMs += sayEveryMs;
        say(`round ${number}: ${ended} of ${placements} rollouts have ended`);
      }
      return ended >= placements ? true : undefined;
    },
    { withinMs, everyMs: 100 },
  );
  const wallMs = performance.now() - startedMs;
  const after = await readAll(about);
  const made = decisions.all.filter((one) => one.seq > fromSeq);
  return {
    kind: 'round',
    round: number,
    wallMs: round(wallMs),
    hubCpuMs: after.hub.cpuMs - before.hub.cpuMs,
    busCpuMs: after.busCpuMs - before.busCpuMs,
    agentsCpuMs: after.agentsCpuMs - before.agentsCpuMs,
    hubRssMiB: round(after.hub.rssMiB),
    decisions: made.length,
    decisionsPerS: round((made.length * 1_000) / wallMs),
    latencies: latenciesOf(made, proofs),
  };
}

/** What every part of the machine's work has cost since its start. */
async function readAll({ control, fleet }: About) {
  const hubPid = control.pids.hub ?? 0;
  const [hub, tree, ...agents] = await Promise.all([
    readProcess(hubPid),
    readTree(hubPid),
    ...fleet.processes.map(({ child }) => readProcess(child.pid ?? 0)),
  ]);
  const bus = tree.filter((one) => one.pid !== hubPid);
  const cpuOf = (all: readonly { readonly cpuMs: number }[]) => all.reduce((sum, one) => sum + one.cpuMs, 0);
  return { hub, busCpuMs: cpuOf(bus), agentsCpuMs: cpuOf(agents) };
}

function figuresOf(
  rounds: readonly RoundLine[],
  about: { readonly agents: number; readonly placements: number },
): Measured {
  const latencyMs = summarize(rounds.flatMap((one) => one.latencies.map(({ ms }) => ms)));
  const wallMs = summarize(rounds.map((one) => one.wallMs));
  const hubRssMiB = round(Math.max(...rounds.map((one) => one.hubRssMiB)));
  const hubCpuMs = summarize(rounds.map((one) => one.hubCpuMs));
  const busCpuMs = summarize(rounds.map((one) => one.busCpuMs));
  const agentsCpuMs = summarize(rounds.map((one) => one.agentsCpuMs));
  const decisionsPerS = summarize(rounds.map((one) => one.decisionsPerS));
  return {
    lines: rounds.map(({ latencies, ...line }) => ({
      ...line,
      latencyMs: summarize(latencies.map(({ ms }) => ms)),
    })),
    figures: {
      ...about,
      wallMs,
      latencyMs,
      hubCpuMs,
      busCpuMs,
      agentsCpuMs,
      hubRssMiB,
      decisionsPerS,
      budgets: { latencyP99Ms: 250 },
    },
    text: [
      `${about.placements} rollouts over ${about.agents} clusters, push to the last end: ${describeSummary(wallMs, 'ms')}`,
      `last evidence of a wave to the next wave: ${describeSummary(latencyMs, 'ms')}; budget p99 < 250 ms`,
      `processor time a round: hub ${round(hubCpuMs.p50)} ms, bus ${round(busCpuMs.p50)} ms, the played agents ${round(agentsCpuMs.p50)} ms`,
      `hub: ${hubRssMiB} MiB RSS at most, ${round(decisionsPerS.p50)} decisions a second`,
    ],
  };
}

/** What stands in Git before the first round. */
const rules: Readonly<Record<string, string>> = {
  'fleet.yaml': `apiVersion: flotilla.dev/v1alpha1
kind: FleetPolicy
metadata: {name: policy}
spec: {maxChanging: 100%, maxChangingPerCluster: 1000, autoJoinMax: 100%, defaultStrategy: bench}
---
apiVersion: flotilla.dev/v1alpha1
kind: RolloutStrategy
metadata: {name: bench}
spec:
  stages:
  - {name: canary, canary: 1, soak: 1s}
  - {name: rest, remaining: true, waves: {start: 5%, growth: 2, max: 33%}, soak: 1s}
`,
};

function filesOf(placements: number, revision: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (let index = 0; index < placements; index += 1) {
    const name = `app-${String(index).padStart(3, '0')}`;
    files[`placements/${name}.yaml`] = `apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: ${name}}
spec:
  source: {path: apps/${name}}
  namespace: ${name}
  clusters: {matchLabels: {group: g${index % groups}}}
`;
    files[`apps/${name}/settings.yaml`] =
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {round: "${revision}"}\n`;
  }
  return files;
}
