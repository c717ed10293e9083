import type { Clock } from '@flotilla/shared/base';
import type { KubeSelection, KubeWatchEvent } from '../../kube-port.ts';
import { asAnswer } from './answers.ts';
import type { Change, ClusterState, Kind, Matches, ValueObject } from './core/index.ts';
import {
  expired,
  parseFieldSelector,
  parseLabelSelector,
  storageKey,
  textAt,
  withValue,
} from './core/index.ts';

/** One watch on a simulated cluster. */
export interface SimulatedWatch {
  readonly state: ClusterState;
  readonly kind: Kind;
  readonly selection: KubeSelection;
  readonly resourceVersion: string;
  readonly clock: Clock;
  /** Silence after which a bookmark comes. */
  readonly bookmarkMs: number;
  /** Aborted when the connection is dropped: the watch then ends as if the server had closed it. */
  readonly dropped: AbortSignal;
}

/** Why a wait for a bookmark ended; made once, because an abort without a reason makes an exception each time. */
const heard = new Error('a change came');

/** Decides which objects a selection covers. */
export function selectionFilter(selection: KubeSelection): Matches {
  const byLabel = parseLabelSelector(selection.labelSelector);
  const byField = parseFieldSelector(selection.fieldSelector);
  const { namespace } = selection;
  return (object) =>
    (namespace === undefined || textAt(object, 'metadata', 'namespace') === namespace) &&
    byLabel(object) &&
    byField(object);
}

/** Yields the events of a watch until it is dropped or aborted. */
export async function* watchEvents(
  watch: SimulatedWatch,
  signal: AbortSignal,
): AsyncGenerator<KubeWatchEvent> {
  const { state } = watch;
  const matches = selectionFilter(watch.selection);
  const key = storageKey(watch.kind);
  let position = Number(watch.resourceVersion) || 0;
  let spokenMs = watch.clock.nowMs();
  if (position === 0) {
    position = state.store.version;
    for (const object of state.store.list(key).filter(matches)) yield eventOf(watch, 'added', object);
  }
  while (!watch.dropped.aborted) {
    signal.throwIfAborted();
    if (position < state.store.oldestVersion) throw expired(position, state.store.oldestVersion);
    const changes = state.store.changesAfter(position);
    for (const change of changes) {
      if (watch.dropped.aborted) return;
      position = change.version;
      const event = change.kind === key ? eventFrom(watch, change, matches) : undefined;
      if (event === undefined) continue;
      spokenMs = watch.clock.nowMs();
      yield event;
    }
    if (state.store.version > position) continue;
    if (watch.clock.nowMs() - spokenMs < watch.bookmarkMs) await nextChange(watch, key, { signal, spokenMs });
    else {
      position = state.store.version;
      spokenMs = watch.clock.nowMs();
      yield { kind: 'bookmark', resourceVersion: String(position) };
    }
  }
}

/** What a change means for one selection: an object may also enter or leave it. */
function eventFrom(watch: SimulatedWatch, change: Change, matches: Matches): KubeWatchEvent | undefined {
  const isIn = change.type !== 'deleted' && matches(change.object);
  const wasIn = change.previous !== undefined && matches(change.previous);
  if (isIn) return eventOf(watch, wasIn ? 'modified' : 'added', change.object);
  if (!wasIn || change.previous === undefined) return undefined;
  // As the API server does: the last state that was in the selection, at the version of the change.
  const last = withValue(change.previous, ['metadata', 'resourceVersion'], String(change.version));
  return eventOf(watch, 'deleted', change.type === 'deleted' ? change.object : last);
}

function eventOf(
  watch: SimulatedWatch,
  kind: 'added' | 'modified' | 'deleted',
  object: ValueObject,
): KubeWatchEvent {
  return { kind, object: asAnswer(object, watch.kind, watch.selection.metadataOnly) };
}

/** Waits for a change of this kind, the time of the next bookmark, or the end. */
async function nextChange(
  watch: SimulatedWatch,
  key: string,
  wait: { readonly signal: AbortSignal; readonly spokenMs: number },
): Promise<void> {
  const quiet = new AbortController();
  const stop = AbortSignal.any([quiet.signal, wait.signal, watch.dropped]);
  const silenceMs = wait.spokenMs + watch.bookmarkMs - watch.clock.nowMs();
  // However the sleep ends, the caller looks again at everything.
  const silence = watch.clock.sleep(Math.max(0, silenceMs), stop).catch(() => {});
  let unsubscribe = (): void => {};
  const change = new Promise<void>((resolve) => {
    unsubscribe = watch.state.store.onChange((one) => {
      if (one.kind === key) resolve();
    });
  });
  try {
    await Promise.race([change, silence]);
  } finally {
    unsubscribe();
    quiet.abort(heard);
  }
}
