import { gunzipSync, gzipSync } from 'node:zlib';
import * as wire from '@flotilla/proto/status';
import { describe, expect, test } from 'vitest';
import type { PlacementName } from '../base/index.ts';
import { limits, seededRandom, sha256Hex } from '../base/index.ts';
import type { AssignmentReport, Report } from '../model/index.ts';
import { noCounts, noDrift, noTimings, zeroDigest } from '../model/index.ts';
import { encodeReport } from './report.ts';
import { decodeStatusEnvelope, reportOfPayload, statusPayloadOf } from './status-envelope.ts';

const gzip = {
  deflate: (bytes: Uint8Array) => gzipSync(bytes, { level: 1 }),
  inflate(bytes: Uint8Array, bytesMax: number) {
    try {
      return gunzipSync(bytes, { maxOutputLength: bytesMax });
    } catch {
      return undefined;
    }
  },
};

const random = seededRandom(7);
const pool = Array.from({ length: 20_000 }, () => random.next().toString(36).slice(2)).join('');
/** Text that hardly compresses stands for the worst texts. */
function noise(length: number): string {
  const at = Math.floor(random.next() * (pool.length - length));
  return pool.slice(at, at + length);
}

function entry(index: number): AssignmentReport {
  return {
    placement: `p-${index}` as PlacementName,
    version: { epoch: 1, seq: index + 1 },
    variantDigest: sha256Hex(`variant ${index}`),
    state: 'Degraded',
    phase: undefined,
    reason: 'Unhealthy',
    text: noise(1_024),
    healthyForMs: 0,
    counts: { ...noCounts, total: 5, failing: 5 },
    failing: Array.from({ length: limits.failingObjectsMax }, (_, number) => ({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      namespace: 'shop',
      name: `d-${number}`,
      reason: 'CrashLoop',
      message: noise(1_024),
      fingerprint: sha256Hex(String(random.next())).slice(0, 16),
    })),
    drift: { ...noDrift, latest: noise(1_024), fights: [noise(500)] },
    deadlinePassed: true,
    timings: { ...noTimings, fetchMs: 12 },
    appliedCommit: undefined,
    appliedVariantDigest: sha256Hex(`applied ${index}`),
    heldPrune: { listHash: sha256Hex(`${index}`), objects: [noise(500)], total: 30, reason: noise(500) },
    reverted: false,
  };
}

function reportOf(count: number): Report {
  return {
    incarnation: 2,
    seq: 9,
    heldDigest: zeroDigest,
    assignments: Array.from({ length: count }, (_, index) => entry(index)),
    facts: {
      kubernetes: 'v1.36.3',
      nodes: 3,
      agent: '0.1.0',
      isSimulated: false,
      fetchRungs: {},
      inventoryParent: 'Assignment',
      more: {},
    },
    madeAtMs: 1_790_000_000_000,
    trimmed: [],
  };
}

function roundTrip(report: Report): { readonly bytes: number; readonly report: Report } {
  const payload = statusPayloadOf(report, gzip);
  const result = reportOfPayload(payload, gzip);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return { bytes: payload.length, report: result.value };
}

describe('a status document', () => {
  test('is sent whole while it fits', () => {
    const report = reportOf(3);

    expect(roundTrip(report).report).toEqual(report);
  });

  test('loses object detail first, and says so', () => {
    const { bytes, report } = roundTrip(reportOf(100));

    expect(bytes).toBeLessThanOrEqual(limits.statusDocumentBytesMax + 16);
    expect(report.trimmed[0]).toBe('failing objects after the third');
    expect(report.assignments[0]?.failing.length).toBeGreaterThan(0);
    expect(report.assignments[0]?.text).toHaveLength(1_024);
  });

  test('keeps states, versions and digests of the largest set of assignments', () => {
    const whole = reportOf(limits.assignmentsPerClusterMax);

    const { bytes, report } = roundTrip(whole);

    expect(bytes).toBeLessThanOrEqual(limits.statusDocumentBytesMax + 16);
    const facts = ({
      placement,
      version,
      variantDigest,
      state,
      reason,
      counts,
      deadlinePassed,
    }: AssignmentReport) => ({
      placement,
      version,
      variantDigest,
      state,
      reason,
      counts,
      deadlinePassed,
    });
    expect(report.assignments.map(facts)).toEqual(whole.assignments.map(facts));
    expect(report.assignments[0]?.heldPrune?.listHash).toBe(whole.assignments[0]?.heldPrune?.listHash);
  }, 60_000);

  test('that inflates beyond its bound is refused', () => {
    const bomb = gzipSync(Buffer.alloc(limits.statusInflatedBytesMax + 1));

    expect(decodeStatusEnvelope({ compression: wire.Compression.GZIP, body: bomb }, gzip)).toMatchObject({
      ok: false,
      error: { path: 'body' },
    });
  });

  test('above its bound is refused before it is inflated', () => {
    const body = Buffer.alloc(limits.statusDocumentBytesMax + 1);

    expect(decodeStatusEnvelope({ compression: wire.Compression.GZIP, body }, gzip)).toMatchObject({
      ok: false,
      error: { path: 'body' },
    });
  });

  test.each([0, 9])('with compression %i is refused', (compression) => {
    const envelope = { compression: compression as wire.Compression, body: Buffer.alloc(3) };

    expect(decodeStatusEnvelope(envelope, gzip)).toMatchObject({ ok: false, error: { path: 'compression' } });
  });

  test('of a newer format is refused', () => {
    const body = Buffer.from(wire.Report.encode({ ...encodeReport(reportOf(0)), format: 2 }).finish());

    expect(decodeStatusEnvelope({ compression: wire.Compression.NONE, body }, gzip)).toMatchObject({
      ok: false,
      error: { path: 'format' },
    });
  });

  test('leaves out an entry in a state of a newer agent: absent is Unknown, never green', () => {
    const message = encodeReport(reportOf(2));
    const assignments = message.assignments.map((one, index) =>
      index === 0 ? { ...one, state: 99 as wire.AssignmentState } : one,
    );
    const body = Buffer.from(wire.Report.encode({ ...message, assignments }).finish());

    const result = decodeStatusEnvelope({ compression: wire.Compression.NONE, body }, gzip);

    expect(result).toMatchObject({
      ok: true,
      value: { assignments: [{ placement: 'p-1' }], trimmed: ['p-0: state 99 is not known to this hub'] },
    });
  });
});
