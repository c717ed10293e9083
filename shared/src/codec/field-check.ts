import type { Digest, PlacementName, Result } from '../base/index.ts';
import { err, limits, ok, parseDigest, parsePlacementName } from '../base/index.ts';
import { zeroDigest } from '../model/index.ts';

/** What a malformed field amounts to when it sits in a row; a frame with one is refused whole. */
export type ProblemCode = 'INVALID' | 'UNSUPPORTED' | 'CAUSE_MISSING';

/** One field that is missing, malformed or newer than this program. */
export interface FieldProblem {
  /** Field path in the words of the .proto files, e.g. `upserts[2].content.commit`. */
  readonly path: string;
  readonly text: string;
  readonly code: ProblemCode;
}

/** Why bytes or a message did not become a value: the first malformed field and how many more there are. */
export interface CodecError {
  readonly path: string;
  readonly text: string;
}

/** `content.commit: "x" is not a Git object id …`, for logs and for the peer. */
export function describeCodecError(error: CodecError): string {
  return error.path === '' ? error.text : `${error.path}: ${error.text}`;
}

/**
 * Reads the fields of one message and notes every problem with its path. A malformed field yields a harmless stand-in,
 * so that decoding goes on and finds all problems at once; a value with problems never leaves the codec.
 */
export class FieldCheck {
  readonly problems: FieldProblem[];
  readonly #path: string;

  constructor(path = '', problems: FieldProblem[] = []) {
    this.#path = path;
    this.problems = problems;
  }

  /** The same notes, one field deeper. */
  at(field: string): FieldCheck {
    return new FieldCheck(this.#pathOf(field), this.problems);
  }

  fail(field: string, text: string, code: ProblemCode = 'INVALID'): void {
    this.problems.push({ path: this.#pathOf(field), text, code });
  }

  /** The value, or the first problem. */
  result<T>(value: T): Result<T, CodecError> {
    const first = this.problems[0];
    if (first === undefined) return ok(value);
    const more = this.problems.length - 1;
    return err({ path: first.path, text: more === 0 ? first.text : `${first.text} (and ${more} more)` });
  }

  /** Runs a parser of ids; `standIn` is returned when it refuses. */
  parsed<T extends string>(
    text: string,
    field: string,
    rule: { readonly parse: (text: string) => Result<T, string>; readonly standIn: T },
  ): T {
    const result = rule.parse(text);
    if (result.ok) return result.value;
    this.fail(field, result.error);
    return rule.standIn;
  }

  /** Like parsed, with empty text meaning absence. */
  parsedOrNone<T extends string>(
    text: string,
    field: string,
    parse: (text: string) => Result<T, string>,
  ): T | undefined {
    if (text === '') return undefined;
    const result = parse(text);
    if (result.ok) return result.value;
    this.fail(field, result.error);
    return undefined;
  }

  placement(text: string, field = 'placement'): PlacementName {
    // The stand-in of a message that is refused; it never leaves the codec.
    return this.parsed(text, field, { parse: parsePlacementName, standIn: 'malformed' as PlacementName });
  }

  digest(bytes: Uint8Array, field: string): Digest {
    if (bytes.length !== 32) {
      this.fail(field, `has ${bytes.length} bytes instead of 32`);
      return zeroDigest;
    }
    return this.parsed(hexOf(bytes), field, { parse: parseDigest, standIn: zeroDigest });
  }

  /** A digest, or undefined for no bytes at all. */
  digestOrNone(bytes: Uint8Array, field: string): Digest | undefined {
    return bytes.length === 0 ? undefined : this.digest(bytes, field);
  }

  /** A whole number from a 64-bit field, at least `min` and at most 2^53 - 1. */
  whole(value: bigint, field: string, min = 0): number {
    if (value >= BigInt(min) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    this.fail(field, `${value} is not between ${min} and 2^53 - 1`);
    return min;
  }

  /** A signed whole number whose size is at most 2^53 - 1. */
  signed(value: bigint, field: string): number {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    this.fail(field, `${value} is beyond 2^53 - 1`);
    return 0;
  }

  /** Text that a program reads: too long is a problem. */
  text(value: string, field: string, lengthMax: number): string {
    if (value.length <= lengthMax) return value;
    this.fail(field, `has ${value.length} characters; at most ${lengthMax} are allowed`);
    return '';
  }

  /** A name or other short word that must be there. */
  word(value: string, field: string, lengthMax: number = limits.frameNameMax): string {
    if (value === '') this.fail(field, 'is empty');
    return this.text(value, field, lengthMax);
  }

  /** A list within its bound, each item decoded under its own path. */
  list<Wire, T>(
    items: readonly Wire[],
    field: string,
    decode: (check: FieldCheck, item: Wire, index: number) => T,
    countMax: number = limits.frameListItemsMax,
  ): readonly T[] {
    if (items.length > countMax) {
      this.fail(field, `has ${items.length} entries; at most ${countMax} are allowed`);
      return [];
    }
    return items.map((item, index) => decode(this.at(`${field}[${index}]`), item, index));
  }

  /** A list of short words. */
  words(items: readonly string[], field: string, lengthMax: number = limits.frameNameMax): readonly string[] {
    return this.list(items, field, (check, item) => check.word(item, '', lengthMax));
  }

  /** Names to texts, within the bound of a list. */
  map(
    entries: { readonly [name: string]: string },
    field: string,
    valueMax: number,
  ): { readonly [name: string]: string } {
    const pairs = Object.entries(entries);
    const checked = this.list(pairs, field, (check, [name, value]) => [
      check.word(name, 'key'),
      check.text(value, 'value', valueMax),
    ]);
    return Object.fromEntries(checked);
  }

  /** A message that must be there. */
  present<T>(value: T | undefined, field: string): value is T {
    if (value !== undefined) return true;
    this.fail(field, 'is missing');
    return false;
  }

  #pathOf(field: string): string {
    if (field === '') return this.#path;
    return this.#path === '' ? field : `${this.#path}.${field}`;
  }
}

/** Lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Bytes of a digest or other hex text; undefined gives no bytes. */
export function bytesOf(hex: string | undefined): Buffer {
  return Buffer.from(hex ?? '', 'hex');
}
