import { randomBytes } from 'node:crypto';
import type { Random } from '../base/index.ts';
import { uidFromBytes } from '../base/index.ts';

/** Chance from the operating system: no two processes jitter alike. */
export function cryptoRandom(): Random {
  let pool = randomBytes(0);
  let used = 0;
  return {
    next() {
      if (used + 4 > pool.length) {
        pool = randomBytes(1_024);
        used = 0;
      }
      const drawn = pool.readUInt32BE(used);
      used += 4;
      return drawn / 4_294_967_296;
    },
  };
}

/** 26 random base32 characters: the text of a new cluster uid, hub id or event id. */
export function randomUid(): string {
  return uidFromBytes(randomBytes(16));
}

/** A secret of `bytes` random bytes as base64url. */
export function randomSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}
