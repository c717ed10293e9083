import { limits } from '@flotilla/shared/base';
import type { ItemChange } from '../../../api-port.ts';

interface Noted {
  readonly key: string;
  readonly change: ItemChange;
  readonly sequence: number;
}

/**
 * What may look different since when: the last change of each item or group of them, in order, bounded. Sequences count from
 * 1 within one process; the instance in front of them keeps those of another process apart.
 *
 * The order is a line of its own. That of a Map costs: each change would be a deletion, each some thousand deletions a new table,
 * and an iterator that waits at the oldest change keeps all tables that there ever were.
 */
export class ChangeLog {
  readonly instance: string;
  readonly #lastOf = new Map<string, Noted>();
  /** By sequence; those that are not the last of their key any more are passed over, and taken out now and then. */
  #line: Noted[] = [];
  /** Those before it in the line are forgotten. */
  #first = 0;
  readonly #changesMax: number;
  #sequence = 0;
  /** Changes up to this one may have been forgotten. */
  #forgotten = 0;

  constructor(instance: string, changesMax: number = limits.apiChangesMax) {
    this.instance = instance;
    this.#changesMax = changesMax;
  }

  /** Sequence of the last change; 0 = none yet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Places in memory: at most some more than twice the items that are remembered, however often they change. */
  get places(): number {
    return this.#line.length;
  }

  /** Notes that an item may look different from now on. */
  note(change: ItemChange): void {
    const key = change.kind === 'facts' ? 'facts' : `${change.kind} ${change.name}`;
    this.#sequence += 1;
    const noted = { key, change, sequence: this.#sequence };
    this.#lastOf.set(key, noted);
    this.#line.push(noted);
    if (this.#lastOf.size > this.#changesMax) this.#forgetOldest();
    if (this.#line.length > 2 * this.#lastOf.size + spareMax) this.#tidy();
  }

  /** Everything that changed after `sequence`, oldest first; undefined when that is no longer (or never was) known. */
  since(sequence: number): readonly ItemChange[] | undefined {
    if (sequence < this.#forgotten || sequence > this.#sequence) return undefined;
    const changes: ItemChange[] = [];
    for (let at = this.#line.length - 1; at >= this.#first; at -= 1) {
      const noted = this.#line[at];
      if (noted === undefined || noted.sequence <= sequence) break;
      if (this.#isLast(noted)) changes.push(noted.change);
    }
    return changes.reverse();
  }

  /** A sequence as readers see it. */
  format(sequence: number = this.#sequence): string {
    return `${this.instance}.${sequence}`;
  }

  /** Reads what a reader handed back; undefined = it is not of this process. */
  parse(text: string): number | undefined {
    const [instance, digits, ...rest] = text.split('.');
    if (instance !== this.instance || rest.length > 0 || !/^[0-9]{1,15}$/.test(digits ?? ''))
      return undefined;
    return Number(digits);
  }

  #isLast(noted: Noted): boolean {
    return this.#lastOf.get(noted.key) === noted;
  }

  #forgetOldest(): void {
    for (; ; this.#first += 1) {
      const noted = this.#line[this.#first];
      if (noted === undefined) return;
      if (!this.#isLast(noted)) continue;
      this.#lastOf.delete(noted.key);
      this.#forgotten = noted.sequence;
      return;
    }
  }

  /** Costs as much as what was noted since the last time. */
  #tidy(): void {
    this.#line = this.#line.filter((noted) => this.#isLast(noted));
    this.#first = 0;
  }
}

/** Places that a short line may waste. */
const spareMax = 1_024;
