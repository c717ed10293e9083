import * as wire from '@flotilla/proto/assignment';
import type { Json, PlacementName, Result } from '../base/index.ts';
import { err } from '../base/index.ts';
import type { Row, RowVersion } from '../model/index.ts';
import { formatVersion } from '../model/index.ts';
import { type CodecError, describeCodecError, FieldCheck } from './field-check.ts';
import { messageFromBytes } from './frame-bytes.ts';
import { decodeAssignment, decodeRemoval, decodeVersion, encodeAssignment, encodeRemoval } from './row.ts';

/** Format of a stored row; a newer one is refused, never rewritten. */
export const storedRowFormat = 1;

/** Why a stored row cannot be used: it is damaged, or a newer program wrote it. */
export type StoredRowError =
  | { readonly kind: 'damaged'; readonly text: string }
  | { readonly kind: 'format-too-new'; readonly text: string };

/**
 * A row as the agent's store keeps it: its wire message in base64, so that a stored row is checked as strictly as a
 * received one, beside a few fields that only people read.
 */
export function encodeStoredRow(row: Row): Json {
  const bytes =
    row.kind === 'assignment'
      ? wire.Assignment.encode(encodeAssignment(row)).finish()
      : wire.Removal.encode(encodeRemoval(row)).finish();
  return {
    format: storedRowFormat,
    kind: row.kind,
    placement: row.placement,
    version: formatVersion(row.version),
    commit: row.kind === 'assignment' ? row.variant.content.commit.id : undefined,
    message: Buffer.from(bytes).toString('base64'),
  };
}

/** A row from the agent's store. */
export function parseStoredRow(value: Json): Result<Row, StoredRowError> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return damaged('not an object');
  // Not an array: Array.isArray does not narrow readonly arrays away.
  const { format, kind, message } = value as { readonly [key: string]: Json | undefined };
  if (typeof format !== 'number') return damaged('no format');
  if (format > storedRowFormat) {
    return err({
      kind: 'format-too-new',
      text: `row has format ${format}; this program knows formats up to ${storedRowFormat}: start the newer program again`,
    });
  }
  if (typeof message !== 'string') return damaged('no message');
  const bytes = Buffer.from(message, 'base64');
  if (kind === 'assignment')
    return readRow(messageFromBytes(bytes, wire.Assignment.decode), decodeAssignment);
  if (kind === 'removal') return readRow(messageFromBytes(bytes, wire.Removal.decode), decodeRemoval);
  return damaged(`unknown kind ${JSON.stringify(kind)}`);
}

function readRow<Wire extends { readonly placement: string; readonly version: wire.RowVersion | undefined }>(
  message: Result<Wire, CodecError>,
  decode: (
    check: FieldCheck,
    row: Wire,
    known: { readonly placement: PlacementName; readonly version: RowVersion },
  ) => Row | undefined,
): Result<Row, StoredRowError> {
  if (!message.ok) return damaged(describeCodecError(message.error));
  const check = new FieldCheck();
  const known = {
    placement: check.placement(message.value.placement),
    version: decodeVersion(check, message.value.version),
  };
  const row = decode(check, message.value, known);
  const result = check.result(row);
  if (!result.ok) return damaged(describeCodecError(result.error));
  return result.value === undefined ? damaged('incomplete') : { ok: true, value: result.value };
}

function damaged(text: string): Result<never, StoredRowError> {
  return err({ kind: 'damaged', text });
}
