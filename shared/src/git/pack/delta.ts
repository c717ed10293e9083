import { err, ok, type Result } from '../../base/index.ts';

/**
 * Rebuilds an object from its base and a delta (gitformat-pack, deltified representation): two sizes, then copy and
 * insert instructions. Pure; every index is checked, the result never exceeds `resultBytesMax`.
 */
export function applyDelta(base: Buffer, delta: Buffer, resultBytesMax: number): Result<Buffer, string> {
  const sizes = deltaSizes(delta);
  if (sizes === undefined) return err('a delta has no sizes');
  if (sizes.baseSize !== base.length) return err('a delta does not fit its base');
  if (sizes.resultSize > resultBytesMax) return err(`a delta makes an object of ${sizes.resultSize} bytes`);
  const result = Buffer.allocUnsafe(sizes.resultSize);
  let from = sizes.bodyOffset;
  let to = 0;
  while (from < delta.length) {
    const step = readStep(delta, from);
    if (step === undefined) return err('a delta has a broken instruction');
    const source = step.kind === 'copy' ? base : delta;
    if (step.offset + step.size > source.length || to + step.size > result.length) {
      return err('a delta reaches beyond its bounds');
    }
    source.copy(result, to, step.offset, step.offset + step.size);
    to += step.size;
    from = step.next;
  }
  return to === result.length ? ok(result) : err('a delta makes fewer bytes than it says');
}

/** The sizes at the start of a delta, and where its instructions begin. */
export function deltaSizes(
  delta: Buffer,
): { readonly baseSize: number; readonly resultSize: number; readonly bodyOffset: number } | undefined {
  const base = readSize(delta, 0);
  if (base === undefined) return undefined;
  const result = readSize(delta, base.next);
  if (result === undefined) return undefined;
  return { baseSize: base.value, resultSize: result.value, bodyOffset: result.next };
}

interface DeltaStep {
  readonly kind: 'copy' | 'insert';
  readonly offset: number;
  readonly size: number;
  /** Where the next instruction begins. */
  readonly next: number;
}

function readStep(delta: Buffer, at: number): DeltaStep | undefined {
  const code = delta[at] ?? 0;
  if (code === 0) return undefined;
  if (code < 0x80) return { kind: 'insert', offset: at + 1, size: code, next: at + 1 + code };
  let next = at + 1;
  let offset = 0;
  let size = 0;
  for (let bit = 0; bit < 7; bit += 1) {
    if ((code & (1 << bit)) === 0) continue;
    const byte = delta[next];
    if (byte === undefined) return undefined;
    next += 1;
    // Products, not shifts: the fourth offset byte would make a 32-bit shift negative.
    if (bit < 4) offset += byte * 2 ** (8 * bit);
    else size += byte * 2 ** (8 * (bit - 4));
  }
  return { kind: 'copy', offset, size: size === 0 ? 0x10000 : size, next };
}

/** Seven bits a byte, least significant first; at most 2^49, so that it stays an exact number. */
function readSize(delta: Buffer, start: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 7; index += 1) {
    const byte = delta[start + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: start + index + 1 };
  }
  return undefined;
}
