import { type Digest, limits } from '@flotilla/shared/base';

/**
 * Which event stands at each sequence of the log that was folded, told by the first 64 bits of its hash: rows prove by it
 * whether the decision that made them is still there. Only the newest are remembered, `limits.loggedHashesMax` of them.
 */
export class LoggedHashes {
  readonly #max: number;
  /** Two words for each sequence, at its place modulo the room. */
  #words = new Uint32Array(2 * roomMin);
  /** All from here to `#lastSeq` were taken, one after the other. */
  #firstSeq = 1;
  #lastSeq = 0;

  /** `max` is a power of two, at least 1,024. */
  constructor(max: number = limits.loggedHashesMax) {
    this.#max = max;
  }

  /** Takes the event of the next sequence. Behind a gap nothing is known of what came before it. */
  take(seq: number, hash: Digest): void {
    if (seq <= this.#lastSeq) return;
    if (seq !== this.#lastSeq + 1) this.#firstSeq = seq;
    this.#lastSeq = seq;
    this.#makeRoom();
    const place = this.#placeOf(seq);
    this.#words[place] = wordOf(hash, 0);
    this.#words[place + 1] = wordOf(hash, 1);
  }

  /** Whether the event at a sequence is the one of this hash; undefined = not folded, or too old to be remembered. */
  has(seq: number, hash: Digest): boolean | undefined {
    const isKnown = seq >= this.#firstSeq && seq <= this.#lastSeq && seq > this.#lastSeq - this.#max;
    if (!isKnown) return undefined;
    const place = this.#placeOf(seq);
    return this.#words[place] === wordOf(hash, 0) && this.#words[place + 1] === wordOf(hash, 1);
  }

  #makeRoom(): void {
    const wanted = Math.min(this.#lastSeq - this.#firstSeq + 1, this.#max);
    let room = this.#words.length / 2;
    if (room >= wanted) return;
    const before = this.#words;
    const roomBefore = room;
    while (room < wanted) room *= 2;
    this.#words = new Uint32Array(2 * room);
    for (let seq = Math.max(this.#firstSeq, this.#lastSeq - roomBefore); seq < this.#lastSeq; seq += 1) {
      const from = 2 * (seq % roomBefore);
      this.#words.set(before.subarray(from, from + 2), this.#placeOf(seq));
    }
  }

  #placeOf(seq: number): number {
    return 2 * (seq % (this.#words.length / 2));
  }
}

const roomMin = 1_024;

/** Eight of the hash's hex digits as a number. */
function wordOf(hash: Digest, word: number): number {
  return Number.parseInt(hash.slice(8 * word, 8 * word + 8), 16);
}
