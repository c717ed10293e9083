import type { PlacementName } from '@flotilla/shared/base';
import { limits } from '@flotilla/shared/base';
import type { Delta, RejectedRow, RejectionCode, Row, RowClaim, RowVersion } from '@flotilla/shared/model';
import { compareVersions, formatVersion, memberOf, variantDigest } from '@flotilla/shared/model';
import { type LocalPolicy, refuseContent } from '../policy/index.ts';
import { unsupportedField } from './unsupported-field.ts';

/** What an agent makes of the rows of one delta, before anything is written. */
export interface DeltaVerdict {
  /** To make durable; they are accepted once they are. */
  readonly take: readonly Row[];
  readonly rejected: readonly RejectedRow[];
}

/**
 * Judges every row of a delta against what is held. A row at exactly the version held, made by the same decision, is
 * taken again (it may carry a new MAC or credential); anything else that is not newer is STALE.
 */
export function judgeDelta(
  delta: Delta,
  held: ReadonlyMap<PlacementName, RowClaim>,
  own: AcceptedHere,
): DeltaVerdict {
  const take: Row[] = [];
  const rejected: RejectedRow[] = [...delta.malformed];
  const taken = new Set<PlacementName>();
  let room = limits.assignmentsPerClusterMax - held.size;
  for (const row of [...delta.upserts, ...delta.removals]) {
    const isNew = !held.has(row.placement);
    const reason = judgeRow(row, { ...own, held: held.get(row.placement), isFull: isNew && room <= 0 });
    if (reason !== undefined) rejected.push(reject(row, reason.code, reason.text));
    else if (taken.has(row.placement)) rejected.push(reject(row, 'INVALID', 'placement: twice in one delta'));
    else {
      take.push(row);
      taken.add(row.placement);
      if (isNew) room -= 1;
    }
  }
  return { take, rejected: withinFrame(rejected) };
}

/** What an agent can do, and what its cluster lets it do. */
export interface AcceptedHere {
  readonly capabilities: readonly string[];
  readonly policy?: LocalPolicy | undefined;
}

interface RowContext extends AcceptedHere {
  readonly held: RowClaim | undefined;
  readonly isFull: boolean;
}

interface Refusal {
  readonly code: RejectionCode;
  readonly text: string;
}

function judgeRow(row: Row, context: RowContext): Refusal | undefined {
  const stale = judgeVersion(row, context.held);
  if (stale !== undefined) return stale;
  if (row.kind === 'assignment') {
    const computed = variantDigest(row.variant);
    if (computed !== row.variant.digest) {
      return {
        code: 'INVALID',
        text: `variant_digest: the content has ${computed}, the row says ${row.variant.digest}`,
      };
    }
    const unsupported = unsupportedField(row, context.capabilities);
    if (unsupported !== undefined) return { code: 'UNSUPPORTED', text: unsupported.text };
    const forbidden = refuseContent(row.variant.content, context.policy);
    if (forbidden !== undefined) return { code: 'POLICY', text: forbidden.text };
  }
  if (context.isFull) {
    return {
      code: 'LIMIT',
      text: `a cluster holds at most ${limits.assignmentsPerClusterMax} assignments, removed ones included`,
    };
  }
  return undefined;
}

function judgeVersion(row: Row, held: RowClaim | undefined): Refusal | undefined {
  if (held === undefined) return undefined;
  const order = compareVersions(row.version, held.version);
  if (order > 0 || (order === 0 && isSameDecision(row, held))) return undefined;
  const text =
    order === 0
      ? `version ${formatVersion(held.version)} is held from another decision`
      : `version ${formatVersion(held.version)} is held, ${formatVersion(row.version)} is older`;
  return { code: 'STALE', text };
}

function isSameDecision(row: Row, held: RowClaim): boolean {
  return (
    row.proof.eventHash === held.proof.eventHash &&
    memberOf(row).variantDigest === held.variantDigest &&
    (row.kind === 'removal') === held.isRemoved
  );
}

function reject(
  row: { readonly placement: PlacementName; readonly version: RowVersion },
  code: RejectionCode,
  text: string,
): RejectedRow {
  return { placement: row.placement, version: row.version, code, text };
}

/** Characters of all texts of one Ack: with four bytes each and the rows' names it stays under a frame's bound. */
const ackTextMax = 180_000;

/** Shortens texts where there are so many that the Ack would not fit a frame. */
function withinFrame(rejected: readonly RejectedRow[]): readonly RejectedRow[] {
  const textMax = Math.min(limits.reasonTextMax, Math.floor(ackTextMax / Math.max(1, rejected.length)));
  return rejected.map((row) =>
    row.text.length > textMax ? { ...row, text: row.text.slice(0, textMax) } : row,
  );
}
