import { readdirSync, readFileSync } from 'node:fs';
import * as wire from '@flotilla/proto/assignment';
import type { Json } from '@flotilla/shared/base';
import {
  agentFrameFromBytes,
  agentFrameToBytes,
  encodeStoredRow,
  hubFrameFromBytes,
  hubFrameToBytes,
  parseStoredRow,
  reportFromBytes,
  reportOfPayload,
  reportToBytes,
  statusPayloadOf,
} from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import { variantDigest } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { agentFrames, hubFrames } from './sample-frames.ts';
import { fullReport } from './sample-report.ts';
import { checkedRow, fullRow, removalRow } from './sample-rows.ts';

/** What a sample file holds: what some release wrote, and what it meant. */
type Sample =
  | {
      readonly kind: 'agent-frame' | 'hub-frame' | 'report' | 'status-payload';
      readonly hex: string;
      readonly model: unknown;
    }
  | { readonly kind: 'stored-row'; readonly stored: Json; readonly model: unknown };

const folder = new URL('./frames/', import.meta.url);
const samples = readdirSync(folder).map(
  (file) =>
    [file.replace('.json', ''), JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Sample] as const,
);

function readable<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Reads a sample; the second part writes it again, where bytes are bound to be the same. */
function replay(sample: Sample): readonly [unknown, unknown] {
  if (sample.kind === 'stored-row') {
    const row = readable(parseStoredRow(sample.stored));
    return [row, JSON.parse(JSON.stringify(encodeStoredRow(row)))];
  }
  const bytes = Buffer.from(sample.hex, 'hex');
  switch (sample.kind) {
    case 'agent-frame': {
      const frame = readable(agentFrameFromBytes(bytes, gzip));
      return [frame, frame && hex(agentFrameToBytes(frame, gzip))];
    }
    case 'hub-frame': {
      const frame = readable(hubFrameFromBytes(bytes));
      return [frame, frame && hex(hubFrameToBytes(frame))];
    }
    case 'report': {
      const report = readable(reportFromBytes(bytes));
      return [report, hex(reportToBytes(report))];
    }
    case 'status-payload':
      // Compressed bytes differ between releases of zlib.
      return [readable(reportOfPayload(bytes, gzip)), sample.hex];
    default:
      return sample satisfies never;
  }
}

/** Every sample as this release would record it; one that is recorded is never written again. */
const current: Readonly<Record<string, Sample>> = {
  ...mapped(agentFrames, (model) => ({
    kind: 'agent-frame',
    hex: hex(agentFrameToBytes(model, gzip)),
    model,
  })),
  ...mapped(hubFrames, (model) => ({ kind: 'hub-frame', hex: hex(hubFrameToBytes(model)), model })),
  report: { kind: 'report', hex: hex(reportToBytes(fullReport)), model: fullReport },
  'status-payload': {
    kind: 'status-payload',
    hex: hex(statusPayloadOf(fullReport, gzip)),
    model: fullReport,
  },
  'stored-assignment': { kind: 'stored-row', stored: encodeStoredRow(fullRow), model: fullRow },
  'stored-assignment-checks': { kind: 'stored-row', stored: encodeStoredRow(checkedRow), model: checkedRow },
  'stored-removal': { kind: 'stored-row', stored: encodeStoredRow(removalRow), model: removalRow },
};

function mapped<From>(
  from: Readonly<Record<string, From>>,
  make: (model: From) => Sample,
): Readonly<Record<string, Sample>> {
  return Object.fromEntries(Object.entries(from).map(([name, model]) => [name, make(model)]));
}

describe('a recorded sample', () => {
  test.each(samples)('%s still means what it meant and is still written so', (_, sample) => {
    const [model, written] = replay(sample);

    expect(model).toEqual(sample.model);
    expect(written).toEqual(sample.kind === 'stored-row' ? sample.stored : sample.hex);
  });

  test('exists for everything that this release can say', () => {
    const recorded = new Set(samples.map(([name]) => name));
    const missing = Object.keys(current).filter((name) => !recorded.has(name));

    // Save what is shown as frames/<name>.json.
    expect(Object.fromEntries(missing.map((name) => [name, JSON.stringify(current[name])]))).toEqual({});
  });

  test('exists for every kind of frame', () => {
    const seen = new Set(
      samples.flatMap(([, sample]) => {
        if (sample.kind === 'agent-frame')
          return [wire.AgentFrame.decode(Buffer.from(sample.hex, 'hex')).frame?.$case];
        if (sample.kind === 'hub-frame')
          return [wire.HubFrame.decode(Buffer.from(sample.hex, 'hex')).frame?.$case];
        return [];
      }),
    );

    const kinds = [
      ...['hello', 'ack', 'heartbeat', 'report'],
      ...['welcome', 'delta', 'agreed', 'notReady', 'drain', 'refused'],
    ];
    expect(kinds.filter((kind) => !seen.has(kind as never))).toEqual([]);
  });

  test('of a variant still has its digest: a changed digest would start a rollout everywhere', () => {
    const [, sample] = samples.find(([name]) => name === 'stored-assignment') ?? [];
    if (sample?.kind !== 'stored-row') throw new Error('the sample is there');
    const row = readable(parseStoredRow(sample.stored));

    expect(row.kind === 'assignment' && variantDigest(row.variant)).toBe(
      row.kind === 'assignment' && row.variant.digest,
    );
  });
});
