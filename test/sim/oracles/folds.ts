import { createHash } from 'node:crypto';
import { Fleet } from '@flotilla/hub/loops';
import type { RawEvent } from '../raw-log.ts';
import { must } from '../violation.ts';

/** I5: what hub processes have folded of the log, compared at places that both pass and with a fold from the beginning. */
export class Folds {
  readonly #bySeq = new Map<number, { readonly digest: string; readonly by: string }>();
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Watches a process. */
  watch(fleet: Fleet, name: string, broke: (error: unknown) => void): void {
    fleet.onFolded.add((seq) => {
      if (!this.#isLookedAt(seq)) return;
      try {
        this.#compare(fleet, seq, name);
      } catch (error) {
        broke(error);
      }
    });
  }

  /** The log lost everything behind a sequence: what comes there is something else. */
  shorten(lastSeq: number): void {
    for (const seq of this.#bySeq.keys()) if (seq > lastSeq) this.#bySeq.delete(seq);
  }

  /** Folds the whole log once more. */
  replay(events: readonly RawEvent[]): void {
    const fleet = new Fleet();
    for (const one of events) {
      fleet.foldDecision(one);
      if (this.#isLookedAt(one.seq)) this.#compare(fleet, one.seq, 'a replay');
    }
  }

  #isLookedAt(seq: number): boolean {
    return (seq * 7 + this.#seed) % 23 === 0;
  }

  #compare(fleet: Fleet, seq: number, by: string): void {
    const digest = digestOf(fleet);
    const other = this.#bySeq.get(seq);
    if (other === undefined) this.#bySeq.set(seq, { digest, by });
    else must(other.digest === digest, 'I5', () => `${by} and ${other.by} have folded ${seq} differently`);
  }
}

function digestOf({ budget, control, position: { epoch }, snapshot }: Fleet): string {
  const placements = [...snapshot.placements]
    .filter(([, one]) => one.state.lastSeq > 0)
    .map(([name, { state }]) => [name, state]);
  const text = JSON.stringify([epoch, control, budget, placements.sort()], (_key, value: unknown) => {
    if (value instanceof Map) return [...value];
    return value instanceof Set ? [...value] : value;
  });
  return createHash('sha1').update(text).digest('base64');
}
