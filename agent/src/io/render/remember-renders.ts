import type { RenderError } from './render-error.ts';

/** What came of a render. */
export type Remembered = { readonly text: string } | { readonly refusal: RenderError };

/** The last few renders, by the digest of all that went into them. */
export interface RememberedRenders {
  find(digest: string): Remembered | undefined;
  /** Makes it the newest; the oldest go when there are too many, or too much text. */
  add(digest: string, outcome: Remembered): void;
}

const entriesMax = 64;
/** All texts together: a restart, or a variant that comes back, is helped by the state store. */
const charactersMax = 2_000_000;

/** Makes a memory that holds nothing yet. */
export function rememberRenders(): RememberedRenders {
  const entries = new Map<string, Remembered>();
  return {
    find: (digest) => entries.get(digest),
    add(digest, outcome) {
      entries.delete(digest);
      if (sizeOf(outcome) <= charactersMax) entries.set(digest, outcome);
      for (const [oldest] of entries) {
        const total = [...entries.values()].reduce((sum, one) => sum + sizeOf(one), 0);
        if (entries.size <= entriesMax && total <= charactersMax) break;
        entries.delete(oldest);
      }
    },
  };
}

function sizeOf(outcome: Remembered): number {
  return 'text' in outcome ? outcome.text.length : outcome.refusal.message.length;
}
