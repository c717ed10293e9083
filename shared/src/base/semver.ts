import { err, ok, type Result } from './result.ts';

/**
 * A version as bytes whose lexicographic order is the order of versions, so that any two can be compared.
 *
 * The order is that of semver.org 2.0, clause 11, with three additions, because clusters and people write versions that it
 * does not know: a leading `v` does not matter; build metadata (`+k3s1`) does not count; and a version of one or two
 * numbers (`1.29`) stands before everything that begins with them, pre-releases included. So `>= 1.29` takes every 1.29.x,
 * and `< 1.30` takes no 1.30.0-rc.1. The suffixes that some vendors put behind a dash (`-gke.1200`, `-eks-1a2b`) are
 * pre-releases by that standard: they stand before the version without one.
 */
export type VersionKey = Uint8Array;

const shape =
  /^v?(0|[1-9][0-9]{0,8})(?:\.(0|[1-9][0-9]{0,8})(?:\.(0|[1-9][0-9]{0,8})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?)?)?$/;

/** What follows the three numbers, in order. */
const marks = { beforeAll: 0, preRelease: 1, release: 2 } as const;
/** What an identifier of a pre-release is; a shorter list of equal ones comes first. */
const identifiers = { end: 0, number: 1, text: 2 } as const;

/** Reads a version. The error is a clause that follows the text. */
export function versionKey(text: string): Result<VersionKey, string> {
  const found = shape.exec(text);
  if (found === null) return err('is not a version such as 1.29 or v1.29.3');
  const [, major = '0', minor, patch, preRelease] = found;
  const bytes = [...number(major), ...number(minor ?? '0'), ...number(patch ?? '0')];
  if (patch === undefined) return ok(Uint8Array.from([...bytes, marks.beforeAll]));
  if (preRelease === undefined) return ok(Uint8Array.from([...bytes, marks.release]));
  bytes.push(marks.preRelease);
  for (const part of preRelease.split('.')) {
    const isNumber = /^[0-9]+$/.test(part);
    if (part === '' || (isNumber && part.length > 1 && part.startsWith('0'))) {
      return err('has an empty part or a number with a leading zero behind its dash');
    }
    if (isNumber && part.length <= 9) bytes.push(identifiers.number, ...number(part));
    else if (isNumber) return err('has a number of more than 9 digits behind its dash');
    else bytes.push(identifiers.text, ...[...part].map((letter) => letter.charCodeAt(0)), identifiers.end);
  }
  return ok(Uint8Array.from([...bytes, identifiers.end]));
}

/** Negative when the left version comes first, 0 when they rank equally. */
export function compareVersionKeys(left: VersionKey, right: VersionKey): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Four bytes, most significant first. */
function number(digits: string): readonly number[] {
  const value = Number(digits);
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256);
}
