import { limits } from '@flotilla/shared/base';
import type { ItemChange } from '../../../api-port.ts';

/**
 * What may look different since when: the last change of each item or group of them, in order, bounded. Sequences count from 1 within
 * one process; the instance in front of them keeps those of another process apart.
 */
export class ChangeLog {
  readonly instance: string;
  /** In the order of their sequences: a changed key moves to the end. */
  readonly #lastOf = new Map<string, { readonly change: ItemChange; readonly sequence: number }>();
  /**
   * Walks behind the changes, oldest first. An iterator of its own for each would pass, each time, all the places in the map's
   * table whose entries were moved or forgotten.
   */
  readonly #oldest = this.#lastOf.entries();
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

  /** Notes that an item may look different from now on. */
  note(change: ItemChange): void {
    const key = change.kind === 'facts' ? 'facts' : `${change.kind} ${change.name}`;
    this.#sequence += 1;
    this.#lastOf.delete(key);
    this.#lastOf.set(key, { change, sequence: this.#sequence });
    if (this.#lastOf.size > this.#changesMax) this.#forgetOldest();
  }

  /** Everything that changed after `sequence`, oldest first; undefined when that is no longer (or never was) known. */
  since(sequence: number): readonly ItemChange[] | undefined {
    if (sequence < this.#forgotten || sequence > this.#sequence) return undefined;
    const changes: ItemChange[] = [];
    for (const one of this.#lastOf.values()) if (one.sequence > sequence) changes.push(one.change);
    return changes;
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

  #forgetOldest(): void {
    const next = this.#oldest.next();
    if (next.done === true) return;
    const [key, { sequence }] = next.value;
    this.#lastOf.delete(key);
    this.#forgotten = sequence;
  }
}
