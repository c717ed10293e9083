import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtPrograms, ControlSide, writeSeed } from '../../real/control-side/index.ts';
import { waitFor } from '../../real/waiting.ts';
import { HubLog } from '../hub-log.ts';
import { LoadFleet } from '../load/load-fleet.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import { type Line, type Measured, type ProcessFigures, readProcess } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';
import { DecisionTimes } from './decision-times.ts';

const agentsDefault = 1_000;
const changesDefault = 60;
const placement = 'settings';
const settingsFile = `apps/${placement}/settings.yaml`;

/**
 * One all-at-once assignment to many connected agents, again and again: from the moment the NATS server stored the
 * decision until the hub's log says that the agent's ACK is in. The push that caused it is timed too.
 */
export async function measureDelivery(request: BenchRequest): Promise<Measured> {
  const count = request.agents ?? agentsDefault;
  const changes = request.count ?? changesDefault;
  const folder = request.folder ?? (await mkdtemp(join(tmpdir(), 'flotilla-bench-')));
  await using stack = new AsyncDisposableStack();
  if (request.folder === undefined) stack.defer(() => rm(folder, { recursive: true, force: true }));
  const control = stack.use(
    await ControlSide.start({
      folder,
      seed: await seedFolder(folder),
      programs: builtPrograms,
      hubSettings: { 'log-level': 'debug' },
    }),
  );
  const labelsOf = () => ({ env: 'bench' });
  stack.use(await LoadFleet.start(control, { folder, count, labelsOf, isReporting: true, say: request.say }));
  const times = stack.use(await DecisionTimes.open(control.settings.dataDir, control.settings.busPort));
  await waitFor('the first assignment everywhere', () => assignedTo(control, count), {
    withinMs: 120_000,
    everyMs: 2_000,
  });
  await untilAtRest(control);
  await pause(20_000);
  const hubPid = control.pids.hub ?? 0;
  const idle = await readProcess(hubPid);
  const log = await HubLog.open(join(control.settings.logs, 'hub.log'), 'row held');
  const lines: Line[] = [];
  for (let change = 1; change <= changes; change += 1) {
    const line = await oneChange(control, { log, times, change, count });
    lines.push(line);
    request.say(`change ${change}: p99 ${round(line.p99Ms)} ms, last ${round(line.lastMs)} ms`);
    await untilAtRest(control);
    await pause(1_000);
  }
  return figuresOf(
    lines.map((line) => line as ChangeLine),
    {
      count,
      idle,
      busy: await readProcess(hubPid),
    },
  );
}

async function assignedTo(control: ControlSide, count: number): Promise<true | undefined> {
  const assignments = await control.client.list('assignments');
  if (assignments.length > 0) return assignments.length === count ? true : undefined;
  const [found] = await control.client.list('placements');
  throw new Error(`no assignment; the placement says ${JSON.stringify(found?.status)}`);
}

/** A release that is still on its way makes the next one wait. */
async function untilAtRest(control: ControlSide): Promise<void> {
  await waitFor(
    'the end of the rollout',
    async () => {
      const rollouts = await control.client.list('rollouts');
      return rollouts.every(({ status }) => status.state === 'Succeeded') ? true : undefined;
    },
    { withinMs: 120_000, everyMs: 500 },
  );
}

interface ChangeLine extends Line {
  /** One for each agent. */
  readonly deliveryMs: readonly number[];
  readonly p99Ms: number;
  readonly lastMs: number;
  readonly pushToLastMs: number;
  readonly hub: ProcessFigures;
  readonly tookMs: number;
}

async function oneChange(
  control: ControlSide,
  about: {
    readonly log: HubLog;
    readonly times: DecisionTimes;
    readonly change: number;
    readonly count: number;
  },
): Promise<ChangeLine> {
  const { change, count, log, times } = about;
  const hubPid = control.pids.hub ?? 0;
  const before = await readProcess(hubPid);
  const pushedAtMs = Date.now();
  await control.workshop.push({ [settingsFile]: settings(change, pushedAtMs) }, `Change ${change}`);
  const heldAtMs = new Map<string, number>();
  const seqs = new Set<number>();
  await waitFor(
    `change ${change} on every agent`,
    async () => {
      for (const line of await log.read()) {
        // Fields of the line that a hub writes when a row is durable at its agent.
        heldAtMs.set(line['cluster_uid'] as string, new Date(line.time).getTime());
        seqs.add(line['seq'] as number);
      }
      return heldAtMs.size >= count ? true : undefined;
    },
    { withinMs: 120_000, everyMs: 50 },
  );
  if (seqs.size !== 1)
    throw new Error(`change ${change} came by decisions ${[...seqs].join(', ')} instead of one`);
  const [seq = 0] = seqs;
  const storedAtMs = await times.storedAtMs(seq);
  const deliveryMs = [...heldAtMs.values()].map((atMs) => round(atMs - storedAtMs));
  const { p50, p99, max } = summarize(deliveryMs);
  const hub = await readProcess(hubPid);
  return {
    kind: 'change',
    change,
    seq,
    p50Ms: p50,
    p99Ms: p99,
    lastMs: max,
    pushToDecisionMs: round(storedAtMs - pushedAtMs),
    pushToLastMs: round(storedAtMs + max - pushedAtMs),
    hub: { ...hub, cpuMs: hub.cpuMs - before.cpuMs },
    tookMs: Date.now() - pushedAtMs,
    deliveryMs,
  };
}

function figuresOf(
  changes: readonly ChangeLine[],
  about: { readonly count: number; readonly idle: ProcessFigures; readonly busy: ProcessFigures },
): Measured {
  const delivery = summarize(changes.flatMap((line) => line.deliveryMs));
  const last = summarize(changes.map((line) => line.lastMs));
  const push = summarize(changes.map((line) => line.pushToLastMs));
  const hubRssMiB = round(Math.max(...changes.map((line) => line.hub.rssMiB)));
  const hubCpuMs = round(summarize(changes.map((line) => line.hub.cpuMs)).p50);
  const figures = {
    agents: about.count,
    deliveryMs: delivery,
    lastAgentMs: last,
    pushToLastAckMs: push,
    hubRssMiB,
    hubRssIdleMiB: round(about.idle.rssMiB),
    hubCpuMsPerChange: hubCpuMs,
    budgets: { deliveryP99Ms: 1_000, pushP99Ms: 3_000, hubRssMiB: 400 },
  };
  return {
    // The thousand values of each change are 2 MB in all: kept as their figures.
    lines: changes.map(({ deliveryMs, ...line }) => ({ ...line, agents: deliveryMs.length })),
    figures,
    text: [
      `decision append to ACK at the hub, each agent: ${describeSummary(delivery, 'ms')}; budget p99 < 1000 ms`,
      `the last of ${about.count} agents: ${describeSummary(last, 'ms')}`,
      `git push to the last ACK: ${describeSummary(push, 'ms')}; budget p99 <= 3000 ms`,
      `hub: ${hubRssMiB} MiB RSS at most (idle ${round(about.idle.rssMiB)}), ${hubCpuMs} ms processor time a change; budget 400 MB`,
    ],
  };
}

/** A control repository with one placement that goes to everybody at once; the policy's default would stop it at a third. */
async function seedFolder(folder: string): Promise<string> {
  return await writeSeed(folder, {
    'fleet/fleet.yaml': [
      'apiVersion: flotilla.dev/v1alpha1',
      'kind: FleetPolicy',
      'metadata: {name: policy}',
      'spec: {maxChanging: 100%, autoJoinMax: 100%}',
      '',
    ].join('\n'),
    [`fleet/placements/${placement}.yaml`]: [
      'apiVersion: flotilla.dev/v1alpha1',
      'kind: Placement',
      `metadata: {name: ${placement}}`,
      `spec: {source: {path: apps/${placement}}, namespace: bench, rollout: {strategy: all-at-once}, clusters: {matchLabels: {env: bench}}}`,
      '',
    ].join('\n'),
    [settingsFile]: settings(0, 0),
  });
}

function settings(change: number, atMs: number): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {change: "${change}", at: "${atMs}"}\n`;
}
