import type { PlacementName } from '@flotilla/shared/base';
import { compareVersions } from '@flotilla/shared/model';
import { type Claim, claimOn, type LiveView } from '../../core/index.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from './assignment-memory.ts';

/** Whose the objects of an assignment are that other held assignments want, too. */
export function claimsOf(
  context: EngineContext,
  { placement }: AssignmentMemory,
  objects: { readonly keys: Iterable<string>; readonly live: LiveView },
): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const key of objects.keys) {
    const others = [...context.wanted.placementsOf(key)].filter((one) => one !== placement);
    const owner = ownerOf(context, key, objects.live);
    const isLeft = owner !== undefined && owner !== placement && hasLeft(context, owner, others);
    if (others.length === 0 && !isLeft) continue;
    const rows = [placement, ...others]
      .map((one) => context.heldRows.get(one))
      .filter((one) => one !== undefined);
    const claim = claimOn(placement, { rows, owner, isLeft });
    if (claim !== undefined) claims.set(key, claim);
  }
  return claims;
}

/** Whether an assignment is held and known not to want an object that it has. A suspended one keeps what it has. */
function hasLeft(context: EngineContext, owner: string, wanting: readonly string[]): boolean {
  // A label that is no placement's name finds nothing.
  const row = context.heldRows.get(owner as PlacementName);
  if (row === undefined || wanting.includes(owner)) return false;
  if (row.kind === 'removal') return true;
  const memory = context.memories.get(row.placement);
  const isCurrent = memory !== undefined && compareVersions(memory.row.version, row.version) === 0;
  return isCurrent && memory.isContentKnown && row.suspension === undefined;
}

/** By its label; of an object that is not there by the journal: whoever had it makes it again. */
function ownerOf(context: EngineContext, key: string, live: LiveView): string | undefined {
  const sight = live.get(key);
  if (sight?.kind === 'present') return sight.object.assignment;
  const had: PlacementName[] = [];
  for (const placement of context.wanted.placementsOf(key)) {
    const entry = context.memories.get(placement)?.plans.inventory.entries.get(key);
    if (entry?.uid !== undefined) had.push(placement);
  }
  return had.length === 1 ? had[0] : undefined;
}
