import type { ClusterUid, PlacementName, Random } from '@flotilla/shared/base';
import { describeWithAdvice } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import {
  type Adoption,
  absentPlacement,
  changeWindows,
  changingCaps,
  desiredPlacement,
  type FleetSpec,
  heirsOf,
  type KnownPlacement,
  previousMatch,
  type ResolvedPlacement,
  type ResolvedPlacements,
  releaseOf,
  resolvePlacements,
  roomMistakes,
  type WithoutRoom,
  windowRules,
} from '../core/index.ts';
import type { DecidingDeps } from './append.ts';
import type { ControlFiles } from './control-files.ts';
import type { Fleet } from './fleet.ts';
import type { PlacementOutlook } from './fleet-state.ts';
import { isSameLook } from './looked.ts';
import { emptyMemory, type PlaceMemory, specIn } from './place-memory.ts';
import { type SnapshotWanted, type SourceSnapshots, snapshotWanted } from './source-snapshots.ts';
import { noCommitText, unresolved, waitingForFacts } from './unresolved.ts';

/** What the placing loop needs. */
export interface PlaceDeps extends Pick<DecidingDeps, 'fleet' | 'clock'> {
  readonly files: ControlFiles;
  readonly snapshots: SourceSnapshots;
  readonly random: Random;
  readonly log: Logger;
  /** How soon what could not be read is tried again. */
  readonly pollIntervalMs: number;
}

const placeKey = 'place';

/**
 * Resolves what is in force: which placement goes to which cluster at which variant. It rests on the adopted commit
 * alone, so every hub process comes to the same; what cannot be read is unresolved, and nothing moves for it.
 */
export function startPlacing(deps: PlaceDeps, signal: AbortSignal): Loop<string> {
  const memory = emptyMemory();
  const loop = startLoop<string>(
    {
      name: 'place',
      clock: deps.clock,
      random: deps.random,
      log: deps.log,
      backoff: { baseMs: 500, capMs: deps.pollIntervalMs },
      keysMax: 1,
      // The whole fleet is matched again: clusters that register one after the other must not cost that each.
      spacingMs: 100,
      reconcile: async (_key, aborted) => {
        const { adopted, adoptedSeq } = deps.fleet.control;
        if (!deps.fleet.isReady || adopted === undefined) return { kind: 'done' };
        const startedMs = deps.clock.nowMs();
        const unread = await place(deps, memory, { event: adopted, seq: adoptedSeq }, aborted);
        const count = memory.resolved?.placements.length;
        deps.log.debug('placed', { count, duration_ms: deps.clock.nowMs() - startedMs });
        return unread === 0 ? { kind: 'done' } : { kind: 'after', ms: deps.pollIntervalMs };
      },
    },
    signal,
  );
  const wake = () => void loop.add(placeKey);
  // Who runs a placement counts where some of its clusters are picked, and where facts must not take it from them.
  const wakeForRunning = () => {
    const counts = ({ resolved }: KnownPlacement) => resolved?.pickedFrom ?? resolved?.previous;
    if ([...deps.fleet.snapshot.placements.values()].some(counts)) wake();
  };
  const wakeForFacts = (uid: ClusterUid | undefined) => {
    if (uid === undefined || memory.facts.matters(deps.fleet, uid)) wake();
  };
  const { onClusters, onControl, onFacts, onRows } = deps.fleet;
  const removals = [
    onControl.add(wake),
    onClusters.add(wake),
    onFacts.add(wakeForFacts),
    onRows.add(wakeForRunning),
  ];
  for (const remove of removals) {
    signal.addEventListener('abort', remove, { once: true });
  }
  wake();
  return loop;
}

/** Looks at every placement; returns how many could not be read. */
async function place(
  deps: PlaceDeps,
  memory: PlaceMemory,
  adopted: Adoption,
  signal: AbortSignal,
): Promise<number> {
  const { fleet } = deps;
  const { files } = await deps.files.readInForce(adopted.event, signal);
  const spec = specIn(memory, files);
  const resolved = resolvePlacements(
    spec,
    memory.facts.clusters(spec, fleet),
    (name) => previousMatch(fleet.placementOf(name).state),
    memory.resolved,
  );
  const clustersBefore = memory.resolved?.clusters;
  memory.resolved = resolved;
  fleet.setClusters(resolved.clusters, deps.clock.wallMs());
  const caps = changingCaps(spec, resolved.clusters.length);
  const windows = changeWindows(windowRules(spec.windows, spec.groups));
  fleet.setRules({ adoptedSeq: adopted.seq, caps, windows });
  const withoutRoom = windows.withoutRoom(resolved.clusters, deps.clock.wallMs());
  const heirs = heirsOf(spec.placements);
  const known = { spec, adopted, resolved, memory, withoutRoom, heirs };
  const isByFacts = resolved.clusters !== clustersBefore && windows.readFacts;
  // What windows leave no room for changes with time alone; whom they hold, with facts that they read.
  const isSettled = withoutRoom.size === 0 && !isByFacts;
  let unread = 0;
  for (const placement of resolved.placements) {
    const { name } = placement.spec;
    const now = { placement, adoptedSeq: adopted.seq, clusters: resolved.clusters.length };
    if (isSettled && isSameLook(memory.looked.get(name), now)) continue;
    const looked = await lookAt(deps, { ...known, placement }, signal);
    memory.looked.delete(name);
    if (looked.isRead && withoutRoom.size === 0) memory.looked.set(name, now);
    if (!looked.isRead) unread += 1;
    fleet.setPlacement(name, { ...looked.outlook, resolved: placement });
  }
  markAbsent(fleet, known);
  return unread;
}

/** What a look at one placement needs to know. */
interface Context {
  readonly spec: FleetSpec;
  readonly adopted: Adoption;
  readonly resolved: ResolvedPlacements;
  readonly memory: PlaceMemory;
  readonly withoutRoom: WithoutRoom;
  readonly heirs: ReadonlyMap<PlacementName, readonly PlacementName[]>;
}

/** A placement that rows stand for but that no file in force names has left Git: a positive fact with a cause. */
function markAbsent(fleet: Fleet, { spec, adopted, heirs, memory, resolved }: Context): void {
  const names = new Set(spec.placements.map((one) => one.name));
  for (const name of fleet.snapshot.placements.keys()) {
    if (names.has(name)) continue;
    memory.made.delete(name);
    memory.looked.delete(name);
    const desired = absentPlacement(spec, {
      adopted,
      clusters: resolved.clusters.length,
      heirs: heirs.get(name),
    });
    fleet.setPlacement(name, { spec: undefined, resolved: undefined, desired, errors: [] });
  }
}

async function lookAt(
  deps: PlaceDeps,
  context: Context & { readonly placement: ResolvedPlacement },
  signal: AbortSignal,
): Promise<{ readonly outlook: PlacementOutlook; readonly isRead: boolean }> {
  const { spec } = context.placement;
  const { errors, readsFacts } = context.placement;
  if (readsFacts && !deps.fleet.position.isStatusRead)
    return { outlook: waitingForFacts(spec), isRead: false };
  if (errors.length > 0) return { outlook: unresolved(spec, context, errors), isRead: true };
  const wanted = snapshotWanted(spec, context.adopted.event);
  if (wanted === undefined) {
    const text = noCommitText(spec, deps.fleet.outlook.held);
    const mistake = { ...spec.at, code: 'SOURCE_UNAVAILABLE', text } as const;
    return { outlook: unresolved(spec, context, [mistake]), isRead: false };
  }
  try {
    return { outlook: await resolveOne(deps, { ...context, wanted }, signal), isRead: true };
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn('a source cannot be read', { placement: spec.name, source: wanted.source, error });
    const text = `the source cannot be read: ${describeWithAdvice(error)}`;
    const mistake = { ...spec.at, code: 'SOURCE_UNAVAILABLE', text } as const;
    return { outlook: unresolved(spec, context, [mistake]), isRead: false };
  }
}

async function resolveOne(
  deps: PlaceDeps,
  context: Context & { readonly placement: ResolvedPlacement; readonly wanted: SnapshotWanted },
  signal: AbortSignal,
): Promise<PlacementOutlook> {
  const { spec, placement, wanted } = context;
  const { made } = context.memory;
  const before = made.get(placement.spec.name);
  await deps.snapshots.verify(spec, wanted, signal);
  const source = await deps.snapshots.read(spec, wanted, signal);
  for (;;) {
    const step = releaseOf(
      placement,
      source,
      deps.snapshots.texts,
      before && { placement: before.placement, release: before.desired.release },
    );
    if (step.kind === 'failed') return unresolved(placement.spec, context, step.errors);
    if (step.kind === 'done') {
      const { adopted, heirs, resolved } = context;
      const desired = desiredPlacement(spec, {
        placement,
        release: step.release,
        adopted,
        clusters: resolved.clusters.length,
        heirs: heirs.get(placement.spec.name),
        before: before && { ...before.desired, clusters: before.placement.matched },
      });
      if (desired.kind === 'release') made.set(placement.spec.name, { placement, desired });
      // Windows that leave no room hold their clusters; the others of the placement go on.
      const errors = roomMistakes(context.withoutRoom, placement.matched, placement.spec.name);
      return { spec: placement.spec, desired, errors };
    }
    await deps.snapshots.readTexts(spec, wanted, step.blobs, signal);
  }
}
