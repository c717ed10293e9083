import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtPrograms, ControlSide, connectHubBus, writeSeed } from '../../real/control-side/index.ts';
import { LoadFleet } from '../load/load-fleet.ts';
import { paceText } from '../load/pace.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import type { Measured } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';
import { Decisions } from './decisions.ts';
import { groups, oneRound, type RoundLine } from './round.ts';

const agentsDefault = 1_000;
const placementsDefault = 100;
const roundsDefault = 3;
const pacedRoundsDefault = 2;

/**
 * A commit that starts 100 rollouts at once, each over a tenth of 1,000 clusters in six waves with a soak of one second; the
 * agents share the machine with the hub. In the first rounds they say Ready as soon as they hold a row: the two cores are full all
 * the time, and how long a wave waits then is a queue. That is how much work a hub gets done. In the paced rounds clusters take
 * the time that clusters take: how long the next wave waits there is the latency of decisions, which has a budget.
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
  const full = request.count ?? roundsDefault;
  const paced = request.count ?? pacedRoundsDefault;
  for (let number = 1; number <= full + paced; number += 1) {
    await pause(10_000);
    rounds.push(
      await oneRound(about, number, number > full ? { seed: `round ${number - full}` } : undefined),
    );
    const { latencies: _all, ...line } = rounds.at(-1) ?? {};
    say(JSON.stringify(line));
  }
  return figuresOf(rounds, { agents, placements });
}

function figuresOf(
  rounds: readonly RoundLine[],
  about: { readonly agents: number; readonly placements: number },
): Measured {
  const [full, paced] = ['round', 'paced-round'].map((kind) =>
    figuresOfKind(rounds.filter((one) => one.kind === kind)),
  );
  const what = `${about.placements} rollouts over ${about.agents} clusters`;
  return {
    lines: rounds.map(({ latencies, ...line }) => ({
      ...line,
      latencyMs: summarize(latencies.map(({ ms }) => ms)),
    })),
    figures: { ...about, ...full, paced: { pace: paceText, ...paced }, budgets: { pacedLatencyP99Ms: 250 } },
    text: [
      ...(full === undefined ? [] : textOf(`${what}, Ready at once (the cores are full)`, full)),
      ...(paced === undefined ? [] : textOf(`${what}, ${paceText}; budget p99 < 250 ms`, paced)),
    ],
  };
}

/** Undefined for no rounds. */
function figuresOfKind(rounds: readonly RoundLine[]) {
  if (rounds.length === 0) return undefined;
  return {
    latencyMs: summarize(rounds.flatMap((one) => one.latencies.map(({ ms }) => ms))),
    wallMs: summarize(rounds.map((one) => one.wallMs)),
    hubRssMiB: round(Math.max(...rounds.map((one) => one.hubRssMiB))),
    hubCpuMs: summarize(rounds.map((one) => one.hubCpuMs)),
    busCpuMs: summarize(rounds.map((one) => one.busCpuMs)),
    agentsCpuMs: summarize(rounds.map((one) => one.agentsCpuMs)),
    decisionsPerS: summarize(rounds.map((one) => one.decisionsPerS)),
  };
}

function textOf(what: string, figures: NonNullable<ReturnType<typeof figuresOfKind>>): readonly string[] {
  const { agentsCpuMs, busCpuMs, decisionsPerS, hubCpuMs, hubRssMiB, latencyMs, wallMs } = figures;
  return [
    `${what}:`,
    `  push to the last end: ${describeSummary(wallMs, 'ms')}`,
    `  last evidence of a wave to the next wave: ${describeSummary(latencyMs, 'ms')}`,
    `  processor time a round: hub ${round(hubCpuMs.p50)} ms, bus ${round(busCpuMs.p50)} ms, the played agents ${round(agentsCpuMs.p50)} ms`,
    `  hub: ${hubRssMiB} MiB RSS at most, ${round(decisionsPerS.p50)} decisions a second`,
  ];
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
