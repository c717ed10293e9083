import type { GroupKind, ObjectRef } from '@flotilla/shared/model';
import { formatRef, groupKindKey } from '@flotilla/shared/model';
import {
  judgeObject,
  type LiveSight,
  type ObservedObject,
  type PlacedObject,
  parseGroupKind,
} from '../../core/index.ts';
import type { WatchNeed } from '../cluster/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/** A lost watch is believed for so long: readiness that rests on older facts is not known any more. */
const staleMsMax = 45_000;

/** When the facts of a lost watch stop being believed (monotonic); undefined = none of the assignment's watches is lost. */
export function staleAtMs(context: EngineContext, memory: AssignmentMemory): number | undefined {
  const nowMs = context.clock.nowMs();
  let earliest: number | undefined;
  for (const ref of refsOf(memory)) {
    const state = context.watches.stateOf(groupKindKey(ref), ref.namespace);
    if (state?.kind !== 'stale') continue;
    const atMs = state.sinceMs + staleMsMax + 1;
    if (atMs > nowMs && atMs < (earliest ?? Number.POSITIVE_INFINITY)) earliest = atMs;
  }
  return earliest;
}

/** The kinds that an assignment wants or owns, as far as the cluster serves them. */
export function watchNeeds(context: EngineContext, memory: AssignmentMemory): readonly WatchNeed[] {
  const needs = new Map<string, { kind: WatchNeed['kind']; namespaces: Set<string> }>();
  const add = (groupKind: GroupKind, namespaces: readonly string[]): void => {
    const kind = context.discovery.kinds.preferred(groupKind);
    if (kind === undefined) return;
    const need = needs.get(groupKindKey(kind)) ?? { kind, namespaces: new Set<string>() };
    for (const namespace of namespaces) need.namespaces.add(namespace);
    needs.set(groupKindKey(kind), need);
  };
  for (const ref of refsOf(memory)) add(ref, ref.namespace === undefined ? [] : [ref.namespace]);
  // The parent knows where members are when the journal was lost.
  const scope = memory.plans.inventory.parentScope;
  for (const groupKind of scope?.groupKinds ?? []) add(parseGroupKind(groupKind), scope?.namespaces ?? []);
  return [...needs.values()];
}

/** What planning may know now: watched objects, what was looked up in this look, and what cannot be read. */
export function liveView(context: EngineContext, memory: AssignmentMemory): ReadonlyMap<string, LiveSight> {
  const view = new Map<string, LiveSight>();
  for (const [key, ref] of keyedRefs(memory)) {
    const sight = sightFor(context, memory, { key, ref });
    if (sight !== undefined) view.set(key, sight);
  }
  // Namespaces that are only made sure of are nobody's object.
  for (const [key, sight] of memory.looked) if (!view.has(key)) view.set(key, sight);
  return view;
}

interface Named {
  readonly key: string;
  readonly ref: ObjectRef;
}

function sightFor(
  context: EngineContext,
  memory: AssignmentMemory,
  { key, ref }: Named,
): LiveSight | undefined {
  const { discovery, watches, clock } = context;
  const kind = discovery.kinds.preferred(ref);
  if (kind === undefined) return unserved(ref);
  const feedKey = groupKindKey(ref);
  const state = watches.stateOf(feedKey, ref.namespace);
  if (state?.kind === 'failed')
    return { kind: 'unreadable', reason: state.failure.reason, isFinal: state.failure.severity === 'final' };
  const found = watches.find(feedKey, ref.namespace, key);
  if (found === undefined) return memory.looked.get(key);
  const { live, seenAtMs, deletingSinceMs } = found;
  const health = judgeObject(live.body, kind.hasStatus, clock.nowMs() - seenAtMs).status;
  return { kind: 'present', object: live, health, deletingSinceMs };
}

function unserved(ref: ObjectRef): LiveSight {
  const subject = formatRef(ref);
  const text = `${subject}: the cluster does not serve kind ${groupKindKey(ref)} now`;
  return { kind: 'unreadable', reason: { code: 'KindNotServed', text, subject }, isFinal: false };
}

/** The wanted objects as health rules look at them. Objects that are left missing on purpose are not among them. */
export function observedObjects(
  context: EngineContext,
  memory: AssignmentMemory,
  placed: readonly PlacedObject[],
): readonly ObservedObject[] {
  const leftMissing = new Set(
    (memory.plan?.drifted ?? []).filter((one) => one.kind === 'missing').map((one) => formatRef(one.ref)),
  );
  return placed.flatMap((object) => {
    const entry = memory.plans.inventory.entries.get(object.key);
    const isDone = entry?.isFinished === true && entry.renderedHash === object.hash;
    const sight = observe(context, memory, object);
    if (sight.kind === 'missing' && (isDone || leftMissing.has(formatRef(object.ref)))) return [];
    return [{ ref: object.ref, sight }];
  });
}

function observe(
  context: EngineContext,
  memory: AssignmentMemory,
  { key, ref }: Named,
): ObservedObject['sight'] {
  const feedKey = groupKindKey(ref);
  const state = context.watches.stateOf(feedKey, ref.namespace);
  if (state === undefined || state.kind === 'starting')
    return { kind: 'unreadable', text: 'not watched yet' };
  if (state.kind === 'failed') return { kind: 'unreadable', text: state.failure.reason.text };
  if (state.kind === 'stale' && context.clock.nowMs() - state.sinceMs > staleMsMax)
    return { kind: 'unreadable', text: state.failure.reason.text };
  const found = context.watches.find(feedKey, ref.namespace, key);
  if (found === undefined) return { kind: 'missing' };
  const hasStatus = context.discovery.kinds.preferred(ref)?.hasStatus ?? false;
  const troubles = memory.troubles.get(key) ?? [];
  const { body: object, isWhole } = found.live;
  return { kind: 'present', object, isWhole, seenAtMs: found.seenAtMs, hasStatus, troubles };
}

function refsOf(memory: AssignmentMemory): readonly ObjectRef[] {
  return [...keyedRefs(memory).values()];
}

function keyedRefs(memory: AssignmentMemory): ReadonlyMap<string, ObjectRef> {
  const refs = new Map<string, ObjectRef>();
  for (const [key, entry] of memory.plans.inventory.entries) refs.set(key, entry.ref);
  for (const object of memory.content?.placing.placed ?? []) refs.set(object.key, object.ref);
  return refs;
}
