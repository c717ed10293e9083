import { FlotillaError } from '@flotilla/shared/base';

/** Records exist but none of them can be read: the caller must not go on as if there were none. */
export class StoreCorruptError extends FlotillaError {
  override readonly name = 'StoreCorruptError';
}

const damageNotesMax = 20;
const keyPattern = /^[a-z0-9][a-z0-9._-]{0,127}(\/[a-z0-9][a-z0-9._-]{0,127}){0,3}$/;

/** Throws STORE_KEY when that is no key: the rule of the port, for every adapter of it. */
export function checkStoreKey(key: string): void {
  if (keyPattern.test(key)) return;
  throw new FlotillaError(`state store key ${JSON.stringify(key)} is malformed`, {
    code: 'STORE_KEY',
    retry: 'never',
  });
}

/** What was found damaged: the newest few. */
export function damageNotes() {
  const notes: string[] = [];
  return {
    notes: notes as readonly string[],
    note(text: string): void {
      notes.push(text);
      if (notes.length > damageNotesMax) notes.shift();
    },
  };
}

/** Work on one key happens in the order it was asked for. */
export function keyTurns() {
  const turns = new Map<string, Promise<void>>();
  return {
    async take(key: string, work: () => Promise<void>): Promise<void> {
      const before = turns.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      turns.set(key, mine);
      try {
        await mine;
      } finally {
        if (turns.get(key) === mine) turns.delete(key);
      }
    },
  };
}
