import { join } from 'node:path';
import type { Clock, EventId, Random } from '@flotilla/shared/base';
import { proxySettings } from '@flotilla/shared/git/proxy';
import {
  type CounterMetric,
  type Logger,
  type Loop,
  randomUid,
  readMountedCredential,
} from '@flotilla/shared/kit';
import type { Actor, Cluster, Report } from '@flotilla/shared/model';
import type { HubConfig } from '../config.ts';
import { httpChecks } from '../io/check/index.ts';
import { openGitReader } from '../io/git/git-reader.ts';
import {
  CheckAnswers,
  ControlFiles,
  Fleet,
  ingestClusters,
  ingestDecisions,
  ingestStatus,
  Previews,
  SourceSnapshots,
  startAsking,
  startControlRepo,
  startLease,
  startPlacing,
  startRollouts,
} from '../loops/index.ts';
import type { StoredStatus } from '../ports.ts';
import { controlRemote } from './control-remote.ts';
import type { HubHealth } from './health.ts';
import { growWhileReading } from './heap-growth.ts';
import type { HubBus } from './open-bus.ts';
import { processNameOf } from './parts.ts';

/** What the hub's own loops run on. */
export interface HubLoopsOptions {
  readonly config: HubConfig;
  readonly bus: HubBus;
  readonly health: HubHealth;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly checksTried: CounterMetric<'outcome'>;
  /** The log no longer holds what was folded from it: this process must begin anew. */
  readonly onLogLost: (error: unknown) => void;
  readonly readRegistration: (key: string, value: unknown) => Cluster | undefined;
  readonly decodeStatus: (stored: StoredStatus) => Promise<Report | undefined>;
}

/** The running loops of one hub process. */
export interface HubLoops extends AsyncDisposable {
  readonly fleet: Fleet;
  /** What commits that are not in force would do. */
  readonly previews: Previews;
  /** Makes the source loop look now: a webhook came. */
  wakeControl(): void;
  /** Whether this process looks for decisions now, by the lease. */
  readonly looks: () => boolean;
}

/** Starts everything that follows log, reports, registrations and Git, and that decides. Disposing ends and awaits it all. */
export async function startHubLoops(options: HubLoopsOptions): Promise<HubLoops> {
  const { bus, clock, config, health, random } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const fleet = new Fleet();
  growWhileReading(fleet);
  const remote = await controlRemote(config);
  const trust = {
    allowPlainHttpHosts: config.plainHttpHosts,
    deniedRanges: config.deniedRanges,
    credentialOf: (name: string) => readMountedCredential(config.credentialsDir, name),
  };
  const git = await openGitReader({
    ...trust,
    folder: join(config.dataDir, 'git'),
    silenceMs: config.gitSilenceMs,
    proxy: proxySettings(config.gitProxy, config.noProxy),
  });
  const common = {
    fleet,
    clock,
    random,
    decisions: bus.decisions,
    actor: options.actor,
    // randomUid() makes exactly the text of an event id.
    newEventId: () => randomUid() as EventId,
  };
  const log = (loop: string) => options.log.child({ loop });
  const ingest = {
    ...common,
    status: bus.status,
    clusters: bus.clusters,
    log: log('ingest'),
    readRegistration: options.readRegistration,
    decodeStatus: options.decodeStatus,
    onStatusFlow: (flows: boolean) => health.set('status', flows),
    onLogFlow: (flows: boolean) => health.set('log', flows),
    onLogLost: options.onLogLost,
  };
  const files = new ControlFiles(git, remote);
  const snapshots = new SourceSnapshots(git, remote);
  const { pollIntervalMs } = config;
  const reading = { git, files, remote, ref: config.controlRef };
  const control: Loop<string> = startControlRepo(
    { ...common, ...reading, pollIntervalMs, log: log('control-repo') },
    signal,
  );
  const answers = new CheckAnswers();
  const onTry = (outcome: string) => options.checksTried.add(1, { outcome });
  const judging = {
    healthySinceMs: () => health.sinceMs(),
    answerOf: (key: string) => answers.answerOf(key),
    offlineGraceMs: config.offlineGraceMs,
  };
  const canDecide = () => health.sinceMs() !== undefined && fleet.isReady && fleet.rules !== undefined;
  const process = processNameOf(options.actor);
  const lease = startLease({ meta: bus.meta, process, canDecide, clock, log: log('lease') }, signal);
  const running = [
    ingestDecisions(ingest, signal),
    ingestStatus(ingest, signal),
    ingestClusters(ingest, signal),
    control.ended,
    startPlacing({ ...common, files, snapshots, pollIntervalMs, log: log('place') }, signal).ended,
    startRollouts({ ...common, ...judging, lease, log: log('rollout') }, signal).ended,
    lease.ended,
    startAsking({ ...common, checks: httpChecks(trust), answers, onTry, log: log('checks') }, signal).ended,
  ];
  return {
    fleet,
    previews: new Previews({ ...common, ...judging, ...reading, snapshots }),
    wakeControl: () => void control.add('control'),
    looks: () => lease.leavesItForMs() === 0,
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('the hub is stopping', 'AbortError'));
      await Promise.all(running);
      await git.close();
    },
  };
}
