import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRegistration } from '@flotilla/hub/core';
import { bucketNames, openBucket } from '@flotilla/hub/io/kv';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import type { Bus } from '@flotilla/shared/kit/nats';
import type { Cluster } from '@flotilla/shared/model';
import { OutsideBus } from '../../e2e/world/outside-bus.ts';
import { builtPrograms, ControlSide, connectHubBus, writeSeed } from '../../real/control-side/index.ts';
import { waitFor } from '../../real/waiting.ts';
import { HubLog } from '../hub-log.ts';
import type { BenchRequest } from '../main.ts';
import { pause } from '../pause.ts';
import { type Line, type Measured, readProcess } from '../results-file.ts';
import { describeSummary, round, summarize } from '../summary.ts';
import { liveFirst } from './first-life.ts';
import {
  contentPath,
  contentText,
  largeControlRepository,
  largeFleet,
  placementNameAt,
} from './large-fleet.ts';

const restartsDefault = 5;
const commits = 20;
const clusters = 1_000;
const placementsDefault = 1_000;
const deadline = { withinMs: 300_000, everyMs: 20 };

/**
 * A hub that begins again with 1,000 placements on 1,000 clusters behind it (1,000,000 rows in force): from the start of its
 * process until it has read its log and looked at every placement; then commits that change the content of one placement.
 */
export async function measureRestart(request: BenchRequest): Promise<Measured> {
  const placements = request.placements ?? placementsDefault;
  const folder = request.folder ?? (await mkdtemp(join(tmpdir(), 'flotilla-bench-')));
  await using stack = new AsyncDisposableStack();
  if (request.folder === undefined) stack.defer(() => rm(folder, { recursive: true, force: true }));
  const outside = stack.use(await OutsideBus.start(folder));
  const control = stack.use(
    await ControlSide.start({
      folder,
      seed: await writeSeed(folder, largeControlRepository(placements)),
      programs: builtPrograms,
      hubSettings: { ...outside.hubSettings, 'log-level': 'debug' },
    }),
  );
  await waitFor('a look at Git', () => isLookedAt(control, placements), deadline);
  await control.stopHub();
  const hub = { dataDir: control.settings.dataDir, busPort: outside.port };
  const bus = stack.use(await connectHubBus(hub, 'hub'));
  request.say(`a first life: ${placements} placements on ${clusters} clusters`);
  const fleet = largeFleet(clusters);
  const gitFolder = join(folder, 'first-life-git');
  const { controlUrl } = control.settings;
  await liveFirst({ bus, controlUrl, gitFolder, clusters: fleet, placements, say: request.say });
  await register(bus, fleet);
  const log = await HubLog.open(join(control.settings.logs, 'hub.log'), 'placed');
  const about = { log, placements };
  const restarts: RestartLine[] = [];
  for (let restart = 1; restart <= (request.count ?? restartsDefault); restart += 1) {
    if (restart > 1) await control.killHub();
    restarts.push(await oneRestart(control, { ...about, restart }));
    request.say(JSON.stringify(restarts.at(-1)));
  }
  const changes: CommitLine[] = [];
  for (let commit = 1; commit <= commits; commit += 1) {
    changes.push(await oneCommit(control, about, commit));
    if (commit % 5 === 0)
      request.say(`${commit} of ${commits} commits, the last one in ${changes.at(-1)?.placedMs} ms`);
  }
  return figuresOf(restarts, changes);
}

interface About {
  readonly log: HubLog;
  readonly placements: number;
}

interface RestartLine extends Line {
  readonly restartMs: number;
  readonly placedMs: number;
  readonly rssMiB: number;
}

interface CommitLine extends Line {
  readonly placedMs: number;
}

async function isLookedAt(control: ControlSide, placements: number): Promise<true | undefined> {
  const shown = await control.client.list('placements');
  return shown.length === placements ? true : undefined;
}

async function oneRestart(
  control: ControlSide,
  { log, placements, restart }: About & { readonly restart: number },
): Promise<RestartLine> {
  await log.read();
  const startedMs = performance.now();
  await control.restartHub();
  const answersMs = performance.now() - startedMs;
  const placedMs = await placed(log, placements);
  const restartMs = performance.now() - startedMs;
  await pause(5_000);
  const { cpuMs, rssMiB } = await readProcess(control.pids.hub ?? 0);
  const most = { answersMs: round(answersMs), restartMs: round(restartMs), placedMs: round(placedMs) };
  return { kind: 'restart', restart, ...most, rssMiB: round(rssMiB), cpuMs };
}

/** Waits for the next look at all placements; resolves to how long it took the hub. */
async function placed(log: HubLog, placements: number): Promise<number> {
  return await waitFor(
    'a look at all placements',
    async () => {
      const line = (await log.read()).find((one) => one['count'] === placements);
      // A field of the line that a hub writes after a look.
      return line?.['duration_ms'] as number | undefined;
    },
    deadline,
  );
}

async function oneCommit(control: ControlSide, about: About, commit: number): Promise<CommitLine> {
  await about.log.read();
  const index = commit % about.placements;
  const text = contentText(placementNameAt(index), commit);
  await control.workshop.push({ [contentPath(index)]: text }, `Change one of them, ${commit}`);
  const placedMs = round(await placed(about.log, about.placements));
  await pause(1_500);
  return { kind: 'commit', commit, placedMs };
}

/** As if they had enrolled: records as the hub keeps them. */
async function register(bus: Bus, fleet: readonly Cluster[]): Promise<void> {
  const { signal } = new AbortController();
  const bucket = await openBucket(
    {
      ...{ bus, name: bucketNames.clusters, replicas: 1, deadlineMs: 10_000 },
      ...{ clock: systemClock(), random: cryptoRandom(), log: silentLogger },
    },
    signal,
  );
  const said = { kubeSystemUid: '', agentVersion: '0.1.0', natsUserKey: '' };
  const lists = { tokens: [], certificates: [], revokedKeys: [] };
  for (const cluster of fleet) {
    await bucket.put(cluster.uid, encodeRegistration({ ...cluster, ...said, ...lists }), 0, signal);
  }
}

function figuresOf(restarts: readonly RestartLine[], changes: readonly CommitLine[]): Measured {
  const restartMs = summarize(restarts.map((one) => one.restartMs));
  const resolveMs = summarize(restarts.map((one) => one.placedMs));
  const commitMs = summarize(changes.map((one) => one.placedMs));
  const rssMiB = round(Math.max(...restarts.map((one) => one.rssMiB)));
  const budgets = { restartMs: 10_000, resolveMs: 1_000, commitMs: 50 };
  return {
    lines: [...restarts, ...changes],
    figures: { restartMs, resolveMs, commitMs, rssMiB, budgets },
    text: [
      `start of the process to all placements looked at: ${describeSummary(restartMs, 'ms')}; budget 10,000 ms`,
      `the look at all placements within it: ${describeSummary(resolveMs, 'ms')}; budget 1,000 ms`,
      `the look after a commit that changes one: ${describeSummary(commitMs, 'ms')}; budget 50 ms`,
      `hub ${rssMiB} MiB RSS at most`,
    ],
  };
}
