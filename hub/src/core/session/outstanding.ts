import type { Digest, PlacementName } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import type { RejectionCode, Row, RowVersion, SetMember } from '@flotilla/shared/model';
import { compareVersions, memberOf, setDigest, streamTimes } from '@flotilla/shared/model';
import type { HeldEntry } from './claims.ts';

/** A row that the agent refused in this session; kept for the newest version of each placement only. */
export interface RejectedEntry {
  readonly version: RowVersion;
  readonly code: RejectionCode;
  readonly atMs: number;
}

/** What is known of one agent's set. Bounded by its held and desired rows, never by time or events. */
export interface KnownSet {
  readonly held: ReadonlyMap<PlacementName, HeldEntry>;
  readonly rejected: ReadonlyMap<PlacementName, RejectedEntry>;
}

/**
 * Desired rows that the agent does not hold and has not refused, in the order of `desired`. One that is older than what the
 * agent provably holds is left out, and so is one of the epoch of what the log lost: what the agent holds is adopted first (I24).
 */
export function outstandingRows(desired: readonly Row[], known: KnownSet, nowMs: number): readonly Row[] {
  return desired.filter(
    (row) =>
      !isHeld(row, known.held) && !isOutlived(row, known.held) && !isRefused(row, known.rejected, nowMs),
  );
}

/** When a refused row may be sent again though it has not changed: only a full or broken disk heals by itself. */
export function retryAtMs(known: KnownSet): number | undefined {
  let next: number | undefined;
  for (const entry of known.rejected.values()) {
    if (entry.code !== 'STORE') continue;
    const atMs = entry.atMs + streamTimes.storeRetryMs;
    if (next === undefined || atMs < next) next = atMs;
  }
  return next;
}

/** The digest of what the agent holds as this hub knows it. */
export function knownDigest(held: ReadonlyMap<PlacementName, HeldEntry>): Digest {
  return setDigest(members(held));
}

/**
 * The digest of what the agent should hold: every desired row except the refused ones, for which what it holds instead
 * stays, and everything it holds that nobody wants changed.
 */
export function desiredDigest(desired: readonly Row[], known: KnownSet): Digest {
  const wanted = new Map<PlacementName, SetMember>();
  for (const member of members(known.held)) wanted.set(member.placement, member);
  for (const row of desired) {
    const refused = known.rejected.get(row.placement);
    const isOut = refused !== undefined && compareVersions(refused.version, row.version) === 0;
    if (!isOut && !isOutlived(row, known.held)) wanted.set(row.placement, memberOf(row));
  }
  return setDigest(wanted.values());
}

function* members(held: ReadonlyMap<PlacementName, HeldEntry>): Generator<SetMember> {
  for (const [placement, { version, variantDigest }] of held) yield { placement, version, variantDigest };
}

function isHeld(row: Row, held: ReadonlyMap<PlacementName, HeldEntry>): boolean {
  const entry = held.get(row.placement);
  return (
    entry?.isProven === true &&
    compareVersions(entry.version, row.version) === 0 &&
    entry.eventHash === row.proof.eventHash &&
    entry.variantDigest === memberOf(row).variantDigest
  );
}

function isOutlived(row: Row, held: ReadonlyMap<PlacementName, HeldEntry>): boolean {
  const entry = held.get(row.placement);
  if (entry?.isProven !== true) return false;
  const isAnswer = row.version.epoch > entry.version.epoch;
  return compareVersions(entry.version, row.version) > 0 || (entry.isLost === true && !isAnswer);
}

function isRefused(row: Row, rejected: ReadonlyMap<PlacementName, RejectedEntry>, nowMs: number): boolean {
  const entry = rejected.get(row.placement);
  if (entry === undefined || compareVersions(entry.version, row.version) !== 0) return false;
  return entry.code !== 'STORE' || nowMs - entry.atMs < streamTimes.storeRetryMs;
}

/** The first rows that fit one frame, rows too large for any frame, and whether nothing is left after them. */
export interface Chunk {
  readonly rows: readonly Row[];
  readonly tooLarge: readonly Row[];
  readonly isAll: boolean;
}

/** Room for the frame's own fields. */
const chunkBytesMax = limits.frameBytesMax - 65_536;

/** Cuts what one Delta takes. */
export function nextChunk(outstanding: readonly Row[]): Chunk {
  const rows: Row[] = [];
  const tooLarge: Row[] = [];
  let bytes = 0;
  for (const row of outstanding) {
    const rowBytes = rowBytesMax(row);
    if (rowBytes > chunkBytesMax) {
      tooLarge.push(row);
      continue;
    }
    if (bytes + rowBytes > chunkBytesMax) return { rows, tooLarge, isAll: false };
    rows.push(row);
    bytes += rowBytes;
  }
  return { rows, tooLarge, isAll: true };
}

/**
 * A bound of a row's bytes on the wire: its JSON names every field and writes digests and numbers longer than the wire
 * does; the rest covers the length prefixes of very long texts.
 */
export function rowBytesMax(row: Row): number {
  const bytes = new TextEncoder().encode(JSON.stringify(row)).length;
  return Math.ceil(bytes * 1.02) + 256;
}
