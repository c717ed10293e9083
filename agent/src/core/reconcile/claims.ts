import type { PlacementName } from '@flotilla/shared/base';
import type { Row } from '@flotilla/shared/model';
import type { Claim } from '../plan/index.ts';

/** One held assignment that wants an object. */
export interface Claimant {
  readonly placement: PlacementName;
  readonly priority: number;
  readonly takeOverFrom: PlacementName | undefined;
  /** Where in the log the placement began; undefined = not known. */
  readonly ageSeq: number | undefined;
  /** The object is its member now. */
  readonly isOwner: boolean;
}

/** What is known of an object that several may want. */
export interface Claimed {
  /** Rows of the held assignments whose last known content names it; the one that asks is among them. */
  readonly rows: Iterable<Row>;
  /** The assignment whose member it is; undefined = nobody's, as far as is known. */
  readonly owner: string | undefined;
  /** The owner is a held assignment that is known not to want it any more: it would release it when its turn comes. */
  readonly isLeft: boolean;
}

/**
 * Whose an object is that several held assignments want; undefined when nobody else wants it. A removal wants nothing, and
 * one that is suspended only what it has: that it keeps, except from whoever takes over from it by name.
 */
export function claimOn(placement: PlacementName, { isLeft, owner, rows }: Claimed): Claim | undefined {
  const claimants: Claimant[] = [];
  let keeper: Claimant | undefined;
  for (const row of rows) {
    if (row.kind === 'removal') continue;
    const isOwner = row.placement === owner;
    if (row.suspension !== undefined && !isOwner) continue;
    const { priority, takeOverFrom } = row.variant.apply;
    const claimant = {
      placement: row.placement,
      priority,
      takeOverFrom,
      ageSeq: row.placementAgeSeq,
      isOwner,
    };
    claimants.push(claimant);
    if (row.suspension !== undefined) keeper = claimant;
  }
  const rivals: string[] = claimants.map((one) => one.placement).filter((one) => one !== placement);
  if (isLeft && owner !== undefined) rivals.push(owner);
  const contest = keeper === undefined ? claimants : contestFor(keeper, claimants);
  const winner = winnerOf(contest);
  if (rivals.length === 0 || winner === undefined) return undefined;
  const mine = claimants.find((one) => one.placement === placement);
  const byName = new Map(contest.map((one) => [one.placement, one]));
  const why =
    mine === undefined || byName.has(placement) ? whyWins(winner, mine, byName) : whyExcluded(winner, keeper);
  return { winner: winner.placement, rivals: rivals.sort(), why };
}

/**
 * Who may have what a suspended assignment has: a person said that nothing of it changes, so only it, and whoever a person
 * named to take over from it. Where the two name each other, nobody takes over.
 */
export function contestFor(keeper: Claimant, claimants: readonly Claimant[]): readonly Claimant[] {
  const isHeir = (one: Claimant) =>
    one.takeOverFrom === keeper.placement && one.placement !== keeper.takeOverFrom;
  return claimants.filter((one) => one === keeper || isHeir(one));
}

/** Why one that is not in the contest for what a suspended one has comes after all that are. */
function whyExcluded(winner: Claimant, keeper: Claimant | undefined): string {
  return winner === keeper ? 'which has it and is suspended' : 'which takes over from who has it';
}

/**
 * Who has the best claim: whoever takes over from another comes before that one, and has what that one had; then the higher
 * priority, who has it already, the older one, the name that comes first. The same for any order of the claimants, and one of
 * them unless there is none.
 */
export function winnerOf(claimants: readonly Claimant[]): Claimant | undefined {
  const replaced = new Set(claimants.map((one) => one.takeOverFrom));
  const standing = claimants.filter((one) => !replaced.has(one.placement));
  const byName = new Map(claimants.map((one) => [one.placement, one]));
  const heirs = standing.map((one) => ({ ...one, isOwner: hasInherited(one, byName) }));
  // Those that replace each other in a circle stand as if none did.
  const [best] = (heirs.length > 0 ? heirs : [...claimants]).sort(compareClaims);
  return best && byName.get(best.placement);
}

/** Whether it has the object, or takes over from somebody who has, however many of them stand between. */
function hasInherited(one: Claimant, byName: ReadonlyMap<PlacementName, Claimant>): boolean {
  const seen = new Set<PlacementName>();
  for (let at: Claimant | undefined = one; at !== undefined && !seen.has(at.placement); ) {
    if (at.isOwner) return true;
    seen.add(at.placement);
    at = at.takeOverFrom === undefined ? undefined : byName.get(at.takeOverFrom);
  }
  return false;
}

/** Best first. */
function compareClaims(left: Claimant, right: Claimant): number {
  if (left.priority !== right.priority) return right.priority - left.priority;
  if (left.isOwner !== right.isOwner) return left.isOwner ? -1 : 1;
  const [leftAge, rightAge] = [left.ageSeq ?? Infinity, right.ageSeq ?? Infinity];
  if (leftAge !== rightAge) return leftAge < rightAge ? -1 : 1;
  return left.placement < right.placement ? -1 : 1;
}

/** Why the winner comes before another claimant, as the end of a sentence. */
function whyWins(
  winner: Claimant,
  other: Claimant | undefined,
  byName: ReadonlyMap<PlacementName, Claimant>,
): string {
  if (other === undefined || other.placement === winner.placement) return '';
  if (winner.takeOverFrom === other.placement) return 'which takes over from this one';
  for (const one of byName.values())
    if (one !== winner && one.takeOverFrom === other.placement)
      return `and assignment ${one.placement} takes over from this one`;
  if (winner.priority !== other.priority)
    return `which has priority ${winner.priority}, over ${other.priority}`;
  if (winner.isOwner) return 'which has it already';
  if (hasInherited(winner, byName) && !other.isOwner) return 'which takes over from who has it';
  if ((winner.ageSeq ?? Infinity) < (other.ageSeq ?? Infinity)) return 'which is older';
  return 'which comes first';
}
