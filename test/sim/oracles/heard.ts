import type { Said } from '../reports.ts';
import type { Truth } from '../truth.ts';

/** Which report of each cluster each hub process had, and since when. Kept as far back as decisions may rest on it. */
export class Heard {
  readonly #byHub = new Map<string, Map<string, { readonly atMs: number; readonly said: Said }[]>>();
  readonly #now: () => number;
  readonly #truth: Truth;

  constructor(truth: Truth, now: () => number) {
    this.#truth = truth;
    this.#now = now;
  }

  /** A hub process has folded a report. Numbers that were used twice, after a lost disk, mean the newer report. */
  took(hub: string, uid: string, version: string): void {
    const said = this.#truth.said(uid, version).at(-1);
    if (said === undefined) return;
    const all = this.#byHub.get(hub) ?? new Map<string, { readonly atMs: number; readonly said: Said }[]>();
    this.#byHub.set(hub, all);
    const before = all.get(uid) ?? [];
    if (before.at(-1)?.said !== said) all.set(uid, [...before.slice(-keptMax), { atMs: this.#now(), said }]);
  }

  /** What it had as the newest at any time since so long ago; empty = nothing. */
  lately(hub: string, uid: string, sinceMs: number): readonly Said[] {
    const all = this.#byHub.get(hub)?.get(uid) ?? [];
    const fromMs = this.#now() - sinceMs;
    const first = all.findLastIndex(({ atMs }) => atMs <= fromMs);
    return all.slice(Math.max(0, first)).map(({ said }) => said);
  }
}

/** Reports are at least a fifth of a second apart. */
const keptMax = 30;
