import type { Reasoned } from '@flotilla/shared/model';
import { formatRef, objectKey } from '@flotilla/shared/model';
import type { DriftNote } from './drift-note.ts';

/** What is remembered of the corrections of one object. */
interface ObjectHistory {
  readonly note: DriftNote;
  /** Monotonic times of corrections of each field within the window; `` for a deleted object. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** Fights in a row. */
  readonly rounds: number;
  /** Not corrected before this; undefined = no fight. */
  readonly heldUntilMs: number | undefined;
}

/** The corrections of all objects, by key. */
export type FightBook = ReadonlyMap<string, ObjectHistory>;

/** More corrections of one field than this within the window are a fight. */
const correctionsMax = 5;
const windowMs = 60_000;
/** How long a fight is left alone: doubled with each further round. */
const holdMs = { base: 60_000, cap: 600_000 };

/** Nothing was corrected yet. */
export const noFights: FightBook = new Map();

/** Writes a correction down; the book may then hold further ones of that object back. */
export function recordCorrection(book: FightBook, note: DriftNote, nowMs: number): FightBook {
  const key = objectKey(note.ref);
  const before = book.get(key);
  const times = new Map<string, readonly number[]>();
  for (const field of note.fields.length === 0 ? [''] : note.fields) {
    const recent = (before?.times.get(field) ?? []).filter((time) => time > nowMs - windowMs);
    times.set(field, [...recent, nowMs]);
  }
  const isFight = [...times.values()].some((list) => list.length > correctionsMax);
  const rounds = isFight ? (before?.rounds ?? 0) + 1 : (before?.rounds ?? 0);
  const heldUntilMs = isFight ? nowMs + Math.min(holdMs.cap, holdMs.base * 2 ** (rounds - 1)) : undefined;
  return new Map(book).set(key, { note, times: isFight ? new Map() : times, rounds, heldUntilMs });
}

/** The objects that are left alone now, with the reason that names the other manager. */
export function fightsAt(book: FightBook, nowMs: number): ReadonlyMap<string, Reasoned> {
  const fights = new Map<string, Reasoned>();
  for (const [key, { note, heldUntilMs }] of book) {
    if (heldUntilMs === undefined || heldUntilMs <= nowMs) continue;
    const subject = formatRef(note.ref);
    const field = note.fields[0] ?? (note.kind === 'missing' ? 'the object itself' : 'its labels');
    const text = `${subject}: ${note.manager || 'somebody'} keeps changing ${field} back; left alone for now`;
    fights.set(key, { code: 'Fight', text, subject });
  }
  return fights;
}

/** When the next fight ends; undefined = none is on. */
export function nextFightEndMs(book: FightBook, nowMs: number): number | undefined {
  const ends = [...book.values()].flatMap(({ heldUntilMs }) =>
    heldUntilMs !== undefined && heldUntilMs > nowMs ? [heldUntilMs] : [],
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}
