import type { ControlSide } from '../../real/control-side/index.ts';
import { waitFor } from '../../real/waiting.ts';
import { readTree } from '../demo/process-tree.ts';
import type { LoadFleet } from '../load/load-fleet.ts';
import type { Pace } from '../load/pace.ts';
import type { Proof } from '../load/well-reporter.ts';
import type { BenchRequest } from '../main.ts';
import { type Line, readProcess } from '../results-file.ts';
import { round } from '../summary.ts';
import { type Decisions, type Latency, latenciesOf } from './decisions.ts';

/** Clusters are in so many groups, and each placement goes to one of them. */
export const groups = 10;
/** A round that takes longer is no measurement of anything. */
const withinMs = 180_000;
const pacedWithinMs = 240_000;
const sayEveryMs = 10_000;
/** In the content of every round: one that goes on in an old folder must not bring back what is stable there. */
const begunMs = Date.now();

/** What rounds are played on. */
export interface RoundsAbout {
  readonly control: ControlSide;
  readonly decisions: Decisions;
  readonly fleet: LoadFleet;
  readonly placements: number;
  readonly say: BenchRequest['say'];
}

/** What one round was like. */
export interface RoundLine extends Line {
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

/** A commit that changes every placement, until all rollouts of it have ended. */
export async function oneRound(about: RoundsAbout, number: number, pace?: Pace): Promise<RoundLine> {
  const { control, decisions, fleet, placements, say } = about;
  await fleet.setPace(pace);
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
    { withinMs: pace === undefined ? withinMs : pacedWithinMs, everyMs: 100 },
  );
  const wallMs = performance.now() - startedMs;
  const after = await readAll(about);
  const made = decisions.all.filter((one) => one.seq > fromSeq);
  return {
    kind: pace === undefined ? 'round' : 'paced-round',
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
async function readAll({ control, fleet }: RoundsAbout) {
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
