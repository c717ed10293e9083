import { limits } from '../base/index.ts';

const uint32Max = 4_294_967_295;

/** A 64-bit unsigned field: fractions are cut, what is below zero or not a number becomes 0. Encoding never fails. */
export function wireWhole(value: number): bigint {
  return BigInt(Math.max(0, toWhole(value)));
}

/** A 64-bit signed field. */
export function wireSigned(value: number): bigint {
  return BigInt(toWhole(value));
}

/** A 32-bit unsigned field; larger values stay at the largest one. */
export function wireUint32(value: number): number {
  return Math.min(uint32Max, Math.max(0, toWhole(value)));
}

/** A 32-bit signed field. */
export function wireInt32(value: number): number {
  return Math.min(2_147_483_647, Math.max(-2_147_483_648, toWhole(value)));
}

/** Text that people read, cut to the bound; half a surrogate pair becomes U+FFFD. */
export function cutText(text: string, lengthMax: number = limits.reasonTextMax): string {
  return (text.length > lengthMax ? text.slice(0, lengthMax) : text).toWellFormed();
}

function toWhole(value: number): number {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole;
  return whole > 0 ? Number.MAX_SAFE_INTEGER : 0;
}
