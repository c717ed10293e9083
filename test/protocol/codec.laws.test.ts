import {
  agentFrameFromBytes,
  agentFrameToBytes,
  encodeStoredRow,
  hubFrameFromBytes,
  hubFrameToBytes,
  parseStoredRow,
  reportOfPayload,
  statusPayloadOf,
} from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import { variantDigest } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentFrame, hubFrame } from '../arbitraries/frames.ts';
import { report } from '../arbitraries/reports.ts';
import { assignmentRow, removalRow } from '../arbitraries/rows.ts';

describe('the codec', () => {
  test('gives back every hub frame that it wrote', () => {
    fc.assert(
      fc.property(hubFrame, (frame) => {
        expect(hubFrameFromBytes(hubFrameToBytes(frame))).toEqual({ ok: true, value: frame });
      }),
    );
  });

  test('gives back every agent frame that it wrote', () => {
    fc.assert(
      fc.property(agentFrame, (frame) => {
        expect(agentFrameFromBytes(agentFrameToBytes(frame, gzip), gzip)).toEqual({ ok: true, value: frame });
      }),
    );
  });

  test('gives back every report that it wrote', () => {
    fc.assert(
      fc.property(report, (one) => {
        expect(reportOfPayload(statusPayloadOf(one, gzip), gzip)).toEqual({ ok: true, value: one });
      }),
    );
  });

  test('gives back every row that it stored, through JSON', () => {
    fc.assert(
      fc.property(fc.oneof(assignmentRow, removalRow), (row) => {
        const stored = JSON.parse(JSON.stringify(encodeStoredRow(row)));
        expect(parseStoredRow(stored)).toEqual({ ok: true, value: row });
      }),
    );
  });

  test('keeps a variant digest the same across the wire', () => {
    fc.assert(
      fc.property(assignmentRow, (row) => {
        const parsed = parseStoredRow(encodeStoredRow(row));
        expect(parsed.ok && parsed.value.kind === 'assignment' && variantDigest(parsed.value.variant)).toBe(
          row.variant.digest,
        );
      }),
    );
  });

  test('answers any bytes with a value or a located error and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof hubFrameFromBytes(bytes).ok).toBe('boolean');
        expect(typeof agentFrameFromBytes(bytes, gzip).ok).toBe('boolean');
        expect(typeof reportOfPayload(bytes, gzip).ok).toBe('boolean');
      }),
    );
  });

  test('answers a frame with one byte changed with a value or an error and never throws', () => {
    fc.assert(
      fc.property(hubFrame, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, at, flip) => {
        const bytes = Uint8Array.from(hubFrameToBytes(frame));
        if (bytes.length > 0) bytes[at % bytes.length]! ^= flip;
        expect(typeof hubFrameFromBytes(bytes).ok).toBe('boolean');
      }),
    );
  });
});
