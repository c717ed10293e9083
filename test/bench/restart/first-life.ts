import { createHubHealth } from '@flotilla/hub/health';
import { openDecisionLog } from '@flotilla/hub/io/decision-log';
import { openGitReader } from '@flotilla/hub/io/git';
import {
  ControlFiles,
  Fleet,
  ingestDecisions,
  SourceSnapshots,
  startControlRepo,
  startPlacing,
  startRollouts,
} from '@flotilla/hub/loops';
import type { ClusterUid, Digest, EventId, PlacementName } from '@flotilla/shared/base';
import { cryptoRandom, randomUid, silentLogger, systemClock } from '@flotilla/shared/kit';
import type { Bus } from '@flotilla/shared/kit/nats';
import type { AssignmentReport, Cluster } from '@flotilla/shared/model';
import { waitFor } from '../../real/waiting.ts';
import { loadFacts, wellEntry } from '../load/well-entry.ts';

/** What a first life is lived with. */
export interface FirstLife {
  /** A connection to account HUB of a bus whose fleet has begun and has no cluster. */
  readonly bus: Bus;
  readonly controlUrl: string;
  /** For the cache of Git objects. */
  readonly gitFolder: string;
  readonly clusters: readonly Cluster[];
  readonly placements: number;
  readonly say: (line: string) => void;
}

const withinMs = 600_000;

/**
 * Makes the history that a restart is measured with: the production loops adopt the control repository and roll every
 * placement out to every cluster, whose agents are played here: at once Ready. What is in the log then is what a hub wrote.
 */
export async function liveFirst(life: FirstLife): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const clock = systemClock();
  const random = cryptoRandom();
  const common = { clock, random, log: silentLogger };
  const decisions = await openDecisionLog(
    { ...common, bus: life.bus, replicas: 1, appendDeadlineMs: 30_000 },
    signal,
  );
  const git = await openGitReader({
    folder: life.gitFolder,
    allowPlainHttpHosts: ['127.0.0.1'],
    deniedRanges: [],
    credentialOf: async () => undefined,
  });
  const fleet = new Fleet();
  const health = createHubHealth(clock);
  for (const condition of ['bus', 'log', 'status', 'presence'] as const) health.set(condition, true);
  const actor = { kind: 'hub', process: 'first-life' } as const;
  // randomUid() makes exactly the text of an event id.
  const newEventId = () => randomUid() as EventId;
  const deciding = { ...common, fleet, decisions, actor, newEventId, healthySinceMs: () => health.sinceMs() };
  const remote = { url: life.controlUrl, credential: undefined, caBundlePem: undefined };
  const files = new ControlFiles(git, remote);
  const placing = { git, files, remote, ref: 'main', pollIntervalMs: 600_000 };
  // Reports and registrations are played, not followed.
  const following = ingestDecisions({ ...deciding, onLogFlow: () => {} } as never, signal);
  for (const cluster of life.clusters) {
    fleet.setRegistration(cluster.uid, cluster, clock.wallMs());
    fleet.foldPresence(cluster.uid, { presence: 'connected', announced: undefined }, clock.wallMs());
  }
  fleet.registryRead();
  await waitFor('the log', async () => (fleet.isReady ? true : undefined), { withinMs, everyMs: 20 });
  const running = [
    following,
    startControlRepo({ ...deciding, ...placing }, signal).ended,
    startPlacing({ ...deciding, ...placing, snapshots: new SourceSnapshots(git, remote) }, signal).ended,
    startRollouts(deciding, signal).ended,
  ];
  try {
    await untilAll(life, 'started', () => [...fleet.snapshot.placements.values()].filter(isStarted).length);
    everybodyIsWell(fleet, life.clusters);
    await untilAll(
      life,
      'ended',
      () => [...fleet.snapshot.placements.values()].filter(({ state }) => state.stable !== undefined).length,
    );
  } finally {
    stopping.abort(new DOMException('the first life is over', 'AbortError'));
    await Promise.allSettled(running);
    await git.close();
  }
}

type Known = Fleet['snapshot']['placements'] extends ReadonlyMap<string, infer Value> ? Value : never;

function isStarted({ state }: Known): boolean {
  return state.active?.status.kind === 'open' || state.stable !== undefined;
}

async function untilAll(life: FirstLife, what: string, count: () => number): Promise<void> {
  let said = 0;
  await waitFor(
    `every rollout ${what}`,
    async () => {
      const now = count();
      if (now - said >= 100) {
        said = now;
        life.say(`first life: ${now} of ${life.placements} rollouts ${what}`);
      }
      return now >= life.placements ? true : undefined;
    },
    { withinMs, everyMs: 100 },
  );
}

/** One report from each cluster: everything it was told is Ready, and long so. */
function everybodyIsWell(fleet: Fleet, clusters: readonly Cluster[]): void {
  const nowMs = Date.now();
  for (const { uid } of clusters) {
    const assignments = [...fleet.snapshot.placements]
      .map(([name, { state }]) => reportOf(name, uid, state))
      .filter((one) => one !== undefined)
      .sort((left, right) => (left.placement < right.placement ? -1 : 1));
    const report = {
      incarnation: 1,
      seq: 1,
      // Nobody compares it here.
      heldDigest: '0'.repeat(64) as Digest,
      assignments,
      facts: loadFacts,
      madeAtMs: nowMs,
      trimmed: [],
    };
    fleet.foldReport(uid, report, nowMs);
    const { incarnation, seq } = report;
    fleet.foldPresence(uid, { presence: 'connected', announced: { incarnation, seq } }, nowMs);
  }
}

function reportOf(
  placement: PlacementName,
  uid: ClusterUid,
  state: Known['state'],
): AssignmentReport | undefined {
  const row = state.rows.get(uid);
  if (row?.target.kind !== 'variant') return undefined;
  const { version } = row;
  return wellEntry({ placement, version, variantDigest: row.target.variant.digest, healthyForMs: 3_600_000 });
}
