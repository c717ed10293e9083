import type { Reasoned, Row } from '@flotilla/shared/model';

/** What another held assignment means for one's deletes. */
export interface Neighbour {
  readonly row: Row;
  /**
   * `known`: its newest row was rendered, or its files were read and have mistakes. `last`: only an older content of it is
   * known, and kept up. `nothing`: none was ever rendered here, as far as is known.
   */
  readonly sight: 'known' | 'last' | 'nothing';
  /** Code of what keeps its content from being known; '' = it was not looked at yet. */
  readonly trouble: string;
  /** Everything of its newest row is applied, or was once. */
  readonly isApplied: boolean;
  /** The deadline of its newest row has passed. */
  readonly isLate: boolean;
  /** Whether its inventory names an object, by key. */
  readonly owns: (key: string) => boolean;
}

/** What other assignments mean for objects that are to go, by key. */
export interface HeldDeletes {
  /** They stay for now: another assignment is about to take them over, or may want them without anybody knowing yet. */
  readonly waiting: ReadonlyMap<string, Reasoned>;
  /** A person decides: who may want them could not be rendered until its deadline. Why, as a text. */
  readonly doubted: ReadonlyMap<string, string>;
}

/**
 * Which of the objects that are to go have to stay, and why (shared/adr/0033). (What another assignment is known to want is
 * released, not deleted: see PlanPolicy.wantedElsewhere.) Of a neighbour whose newest content is not known
 *
 * - until its row's deadline everything waits: it may want anything;
 * - from then on only what it owns by its inventory waits on; its last content is wanted elsewhere anyway;
 * - the rest goes, unless one commit may have moved it to the neighbour: then a person is asked. That is so when both rows
 *   come from the same repository; and for a removal, which names none, when nothing of the neighbour ever ran here, for that
 *   is how a placement looks that was given another name.
 *
 * A suspended neighbour wants nothing until it is resumed; a removal wants nothing. Only objects that a neighbour is named
 * to take over (`takeOverFrom`) wait for a suspended one, too.
 */
export function holdDeletes(row: Row, keys: Iterable<string>, neighbours: Iterable<Neighbour>): HeldDeletes {
  const waiting = new Map<string, Reasoned>();
  const doubted = new Map<string, string>();
  const others = [...neighbours].filter((one) => one.row.placement !== row.placement);
  for (const key of keys) {
    for (const neighbour of others) {
      const hold = holdOf(row, key, neighbour);
      if (hold?.kind === 'doubted' && !doubted.has(key)) doubted.set(key, hold.text);
      if (hold?.kind !== 'waiting') continue;
      waiting.set(key, hold.reason);
      break;
    }
    // What waits is not asked about.
    if (waiting.has(key)) doubted.delete(key);
  }
  return { waiting, doubted };
}

/** What one neighbour means for one object. */
type Hold =
  | { readonly kind: 'waiting'; readonly reason: Reasoned }
  | { readonly kind: 'doubted'; readonly text: string };

function holdOf(row: Row, key: string, neighbour: Neighbour): Hold | undefined {
  const { row: other } = neighbour;
  const subject = other.placement;
  if (other.kind === 'removal') return undefined;
  const isSuspended = other.suspension !== undefined;
  if (other.variant.apply.takeOverFrom === row.placement && !neighbour.isApplied) {
    const addition = isSuspended ? ', which is suspended' : '';
    const text = `waits until assignment ${subject}${addition} has taken its objects over`;
    return { kind: 'waiting', reason: { code: 'WaitingForTakeOver', text, subject } };
  }
  if (isSuspended || neighbour.sight === 'known') return undefined;
  if (!neighbour.isLate || neighbour.owns(key)) return { kind: 'waiting', reason: waitingFor(neighbour) };
  if (!mayHaveMoved(row, neighbour)) return undefined;
  const trouble = neighbour.trouble === '' ? '' : ` (${neighbour.trouble})`;
  return {
    kind: 'doubted',
    text: `assignment ${subject} may want what would be deleted, and is not known past its deadline${trouble}`,
  };
}

function waitingFor({ row, sight, trouble }: Neighbour): Reasoned {
  const subject = row.placement;
  const why = trouble === '' ? '' : ` (${trouble})`;
  const text =
    sight === 'nothing'
      ? `waits until it is known what assignment ${subject} wants${why}: nothing of it was ever rendered here; suspend or remove it to go on without it`
      : `waits until it is known what assignment ${subject} wants now${why}`;
  return { code: 'WaitingForRender', text, subject };
}

/** Whether one commit may have moved an object to a neighbour whose newest content is not known. */
function mayHaveMoved(row: Row, neighbour: Neighbour): boolean {
  if (row.kind === 'removal') return neighbour.sight === 'nothing';
  return isSameRepository(row, neighbour.row);
}

/** A removal names no repository: it goes by the control repository, which holds no objects. */
function isSameRepository(left: Row, right: Row): boolean {
  if (left.kind === 'removal' || right.kind === 'removal') return false;
  return plainUrl(left.variant.content.repositoryUrl) === plainUrl(right.variant.content.repositoryUrl);
}

function plainUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}
