import type { GitId } from '@flotilla/shared/base';
import type { ControlAdopted } from '@flotilla/shared/model';
import type { ControlSeen } from '../core/index.ts';
import type { Fleet } from './fleet.ts';
import type { WaitingCommit } from './fleet-state.ts';
import { controlSource } from './remotes.ts';

/** What a look at Git saw that is not in force, by source name. */
export function waitingCommits(
  head: WaitingCommit,
  seen: ControlSeen,
  inForce: ControlAdopted | undefined,
): ReadonlyMap<string, readonly WaitingCommit[]> {
  const waiting = new Map<string, WaitingCommit[]>();
  if (inForce?.commit.id !== head.commit) waiting.set(controlSource, [head]);
  for (const [key, { commit }] of seen.sources) {
    if (commit === undefined || inForce?.sources[key]?.id === commit.id) continue;
    const { ref, source } = readKey(key);
    waiting.set(source, [...(waiting.get(source) ?? []), { ref, commit: commit.id }]);
  }
  return waiting;
}

/** Commits of a source that a person may accept now, withdrawals that wait included. */
export function acceptable({ outlook, snapshot, control }: Fleet, source: string): readonly WaitingCommit[] {
  const found = [...(outlook.waiting.get(source) ?? [])];
  if (source !== controlSource) return found;
  const ref = control.adopted?.ref ?? '';
  for (const { state } of snapshot.placements.values()) {
    const { held } = state;
    const isKnown = held === undefined || found.some(({ commit }) => commit === held.commit);
    if (!isKnown) found.push({ ref, commit: held.commit });
  }
  return found;
}

/** Whether an accepted commit waits once more: for the withdrawals that it turned out to bring. */
export function isAskedSince(
  { snapshot }: Fleet,
  accepted: { readonly source: string; readonly commit: GitId },
  atMs: number,
): boolean {
  if (accepted.source !== controlSource) return false;
  const held = [...snapshot.placements.values()].flatMap(({ state }) => state.held ?? []);
  return held.some(({ commit, sinceMs }) => commit === accepted.commit && sinceMs >= atMs);
}

/** The ref at which a commit waits or is in force; '' when it does neither. */
export function refOf(fleet: Fleet, source: string, commit: GitId): string {
  const { adopted } = fleet.control;
  const waits = acceptable(fleet, source).find((one) => one.commit === commit);
  if (waits !== undefined) return waits.ref;
  if (source === controlSource) return adopted?.ref ?? '';
  const keys = Object.entries(adopted?.sources ?? {}).filter(([, { id }]) => id === commit);
  return keys.map(([key]) => readKey(key)).find((one) => one.source === source)?.ref ?? '';
}

/** `source ref`, as followed refs are keyed; a source's name has no space. */
function readKey(key: string): { readonly source: string; readonly ref: string } {
  const space = key.indexOf(' ');
  return { source: key.slice(0, space), ref: key.slice(space + 1) };
}
