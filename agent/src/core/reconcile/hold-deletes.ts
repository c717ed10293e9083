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

/**
 * Which of the objects that are to go, by key, have to stay for now, and why: another assignment is about to take them
 * over, or may want them without anybody knowing yet. (What another one is known to want is released, not deleted: see
 * PlanPolicy.wantedElsewhere.) Of a neighbour whose newest content is not known
 *
 * - nothing at all is known: it may want anything, so everything waits, without end. A person ends it by suspending or
 *   removing that neighbour; only an assignment that never ran here can do this;
 * - the last content is known, and the row to prune by comes from the same repository: one commit may have moved objects
 *   between the two, so everything waits, without end;
 * - the last content is known, from another repository: everything waits until its row's deadline. From then on it is held
 *   to what is kept up of it: its last content, and what it owns by its inventory.
 *
 * A suspended neighbour wants nothing until it is resumed; a removal wants nothing. Only objects that a neighbour is named
 * to take over (`takeOverFrom`) wait for a suspended one, too.
 */
export function holdDeletes(
  row: Row,
  keys: Iterable<string>,
  neighbours: Iterable<Neighbour>,
): ReadonlyMap<string, Reasoned> {
  const held = new Map<string, Reasoned>();
  const others = [...neighbours].filter((one) => one.row.placement !== row.placement);
  for (const key of keys) {
    for (const neighbour of others) {
      const reason = reasonFor(row, key, neighbour);
      if (reason === undefined) continue;
      held.set(key, reason);
      break;
    }
  }
  return held;
}

function reasonFor(row: Row, key: string, neighbour: Neighbour): Reasoned | undefined {
  const { row: other } = neighbour;
  const subject = other.placement;
  if (other.kind === 'removal') return undefined;
  const isSuspended = other.suspension !== undefined;
  if (other.variant.apply.takeOverFrom === row.placement && !neighbour.isApplied) {
    const addition = isSuspended ? ', which is suspended' : '';
    const text = `waits until assignment ${subject}${addition} has taken its objects over`;
    return { code: 'WaitingForTakeOver', text, subject };
  }
  if (isSuspended || neighbour.sight === 'known' || !mayWant(row, key, neighbour)) return undefined;
  const trouble = neighbour.trouble === '' ? '' : ` (${neighbour.trouble})`;
  const text =
    neighbour.sight === 'nothing'
      ? `waits until it is known what assignment ${subject} wants${trouble}: nothing of it was ever rendered here; suspend or remove it to go on without it`
      : `waits until it is known what assignment ${subject} wants now${trouble}`;
  return { code: 'WaitingForRender', text, subject };
}

/** Whether a neighbour whose newest content is not known may want an object. */
function mayWant(row: Row, key: string, neighbour: Neighbour): boolean {
  if (neighbour.sight === 'nothing' || !neighbour.isLate) return true;
  return isSameRepository(row, neighbour.row) || neighbour.owns(key);
}

/** A removal names no repository: it goes by the control repository, which holds no objects. */
function isSameRepository(left: Row, right: Row): boolean {
  if (left.kind === 'removal' || right.kind === 'removal') return false;
  return plainUrl(left.variant.content.repositoryUrl) === plainUrl(right.variant.content.repositoryUrl);
}

function plainUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}
