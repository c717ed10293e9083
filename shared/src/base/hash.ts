import type { Digest } from './ids.ts';
import type { Json } from './stable-json.ts';
import { stableJson } from './stable-json.ts';

/**
 * sha-256 (FIPS 180-4) in plain TypeScript: the pure core may not reach for node:crypto, and its inputs are small.
 * Code that hashes file contents or packs uses node:crypto.
 */
export function sha256Hex(input: string | Uint8Array): Digest {
  const bytes = typeof input === 'string' ? encoder.encode(input) : input;
  const words = padded(bytes);
  const state = new Uint32Array(initialState);
  const schedule = new Uint32Array(64);
  for (let offset = 0; offset < words.length; offset += 16) compress(state, schedule, words, offset);
  let text = '';
  for (const word of state) text += word.toString(16).padStart(8, '0');
  // The one place where a computed hash becomes a Digest.
  return text as Digest;
}

/** Digest of a value's stable JSON. */
export function digestOf(value: Json): Digest {
  return sha256Hex(stableJson(value));
}

const encoder = new TextEncoder();
const initialState = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const roundConstants = makeRoundConstants();

/** Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
function makeRoundConstants(): Uint32Array {
  const constants = new Uint32Array(64);
  let count = 0;
  for (let candidate = 2; count < 64; candidate += 1) {
    if (!isPrime(candidate)) continue;
    const root = Math.cbrt(candidate);
    constants[count] = Math.floor((root - Math.floor(root)) * 2 ** 32);
    count += 1;
  }
  return constants;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1)
    if (candidate % divisor === 0) return false;
  return true;
}

/** The bytes as words, big end first, behind them a bit and the length in bits. */
function padded(bytes: Uint8Array): Uint32Array {
  const { length } = bytes;
  const words = new Uint32Array(Math.ceil((length + 9) / 64) * 16);
  for (let index = 0; index < length; index += 1) put(words, index, bytes[index] ?? 0);
  put(words, length, 0x80);
  words[words.length - 2] = Math.floor(length / 2 ** 29);
  words[words.length - 1] = (length << 3) >>> 0;
  return words;
}

function put(words: Uint32Array, index: number, byte: number): void {
  words[index >> 2] = (words[index >> 2] ?? 0) | (byte << (24 - 8 * (index & 3)));
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function compress(state: Uint32Array, schedule: Uint32Array, words: Uint32Array, offset: number): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = words[offset + t] ?? 0;
  for (let t = 16; t < 64; t += 1) {
    const w15 = schedule[t - 15] ?? 0;
    const w2 = schedule[t - 2] ?? 0;
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    schedule[t] = ((schedule[t - 16] ?? 0) + s0 + (schedule[t - 7] ?? 0) + s1) >>> 0;
  }
  let [a, b, c, d] = [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 0];
  let [e, f, g, h] = [state[4] ?? 0, state[5] ?? 0, state[6] ?? 0, state[7] ?? 0];
  for (let t = 0; t < 64; t += 1) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + big1 + ((e & f) ^ (~e & g)) + (roundConstants[t] ?? 0) + (schedule[t] ?? 0)) >>> 0;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (big0 + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) >>> 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) >>> 0;
  }
  // Sums modulo 2 ** 32, as elements of this array are.
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}
