import type { ClusterSelector } from '@flotilla/shared/model';
import type { ChangeWindowSpec, ClusterGroupSpec, LocatedError } from '../fleet-spec/index.ts';
import { resolveSelector } from '../placement/index.ts';

/** A change window with its group looked up. Plain data, so that two looks at the same files compare equal. */
export type WindowRule = Pick<ChangeWindowSpec, 'at' | 'exempt' | 'mode' | 'name' | 'schedule'> & {
  /** Undefined = every cluster. */
  readonly selector: ClusterSelector | undefined;
  /** Why nobody can tell what it says; it then holds every cluster that it may be about. Empty = it can be kept. */
  readonly mistakes: readonly LocatedError[];
};

/** The rules of windows, in order of their names. */
export function windowRules(
  windows: readonly ChangeWindowSpec[],
  groups: readonly ClusterGroupSpec[],
): readonly WindowRule[] {
  const byName = new Map(groups.map((one) => [one.name, one]));
  return windows.map(({ at, clusters, exempt, mode, name, schedule, unsupported }) => {
    const resolved = clusters && resolveSelector(clusters, byName);
    const mistakes = [...unsupported, ...(resolved?.errors ?? [])];
    return { at, exempt, mode, name, schedule, selector: resolved?.selector, mistakes };
  });
}
