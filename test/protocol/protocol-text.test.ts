import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as wire from '@flotilla/proto/assignment';
import type { ClusterUid, Digest, GitId, PlacementName } from '@flotilla/shared/base';
import {
  agentFrameFromBytes,
  agentFrameToBytes,
  hubFrameFromBytes,
  hubFrameToBytes,
} from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import { rowMacInput, setDigest, variantDigest, zeroDigest } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';

const text = readFileSync(new URL('../../proto/PROTOCOL.md', import.meta.url), 'utf8');

/** The fenced blocks whose info string begins so, in order. */
function blocks(info: string): readonly string[] {
  const pattern = new RegExp(`^\\x60\\x60\\x60${info}[^\\n]*\\n([\\s\\S]*?)^\\x60\\x60\\x60$`, 'gm');
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

function block(info: string): string {
  const [only, ...more] = blocks(info);
  if (only === undefined || more.length > 0) throw new Error(`PROTOCOL.md needs one block ${info}`);
  return only.trim();
}

const variant = {
  content: {
    repositoryUrl: 'https://git.example.org/shop.git',
    credential: undefined,
    commit: { id: 'c'.repeat(40) as GitId, author: 'Ada', subject: 'Any', committedAtS: 1 },
    ref: 'main',
    trees: [{ path: 'apps/cart', treeId: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' as GitId }],
    requiredSigners: [],
    caBundlePem: undefined,
  },
  render: { renderer: 'auto', helm: undefined, namespace: 'shop', patches: [], variables: {} },
  apply: {
    mode: 'bestEffort',
    takeOver: 'ifNoDiff',
    drift: 'correct',
    ignore: [],
    createNamespace: false,
    priority: 0,
    takeOverFrom: undefined,
    confirmMs: undefined,
  },
  health: { deadlineMs: 600_000, soakMs: 0, checks: [] },
  prune: { enabled: true, maxObjects: 20, maxPercent: 30 },
} as const;
const uid = 'mzxw6ytboi4dqmrzgq3tsnjsge' as ClusterUid;
const eventHash = createHash('sha256').update('event 42').digest('hex') as Digest;
const cart = {
  placement: 'cart' as PlacementName,
  version: { epoch: 1, seq: 42 },
  variantDigest: block('text variant-digest') as Digest,
};

describe('the examples of PROTOCOL.md', () => {
  test('give the variant digest that our programs compute, from the JSON shown', () => {
    const digest = createHash('sha256').update(block('json variant')).digest('hex');

    expect(digest).toBe(block('text variant-digest'));
    expect(variantDigest(variant)).toBe(digest);
  });

  test('give the MAC that our hub makes, from the text shown', () => {
    expect(rowMacInput(uid, cart, eventHash)).toBe(block('json mac-input'));
    expect(createHmac('sha256', 'example row key').update(block('json mac-input')).digest('hex')).toBe(
      block('text mac'),
    );
  });

  test('give the digest of a set, from the lines shown', () => {
    const old = {
      placement: 'old' as PlacementName,
      version: { epoch: 1, seq: 40 },
      variantDigest: zeroDigest,
    };

    expect(
      createHash('sha256')
        .update(`${block('text set-lines')}\n`)
        .digest('hex'),
    ).toBe(block('text set-digest'));
    expect(setDigest([old, cart])).toBe(block('text set-digest'));
  });

  test.each([
    ['text agent-frame hello', 'hello'],
    ['text agent-frame ack', 'ack'],
    ['text agent-frame heartbeat', 'heartbeat'],
  ])('%s is the agent frame that our codec writes', (info, kind) => {
    const bytes = bytesOf(block(info));
    const frame = agentFrameFromBytes(bytes, gzip);
    if (!frame.ok || frame.value === undefined) throw new Error(JSON.stringify(frame));

    expect(frame.value.kind).toBe(kind);
    expect(bytesOf(agentFrameToBytes(frame.value, gzip))).toEqual(bytes);
  });

  test.each([
    ['text hub-frame not-ready', 'not-ready'],
    ['text hub-frame agreed', 'agreed'],
    ['text hub-frame refused', 'refused'],
  ])('%s is the hub frame that our codec writes', (info, kind) => {
    const bytes = bytesOf(block(info));
    const frame = hubFrameFromBytes(bytes);
    if (!frame.ok || frame.value === undefined) throw new Error(JSON.stringify(frame));

    expect(frame.value.kind).toBe(kind);
    expect(bytesOf(hubFrameToBytes(frame.value))).toEqual(bytes);
  });
});

describe('the tables of PROTOCOL.md', () => {
  test.each([
    ['RefusalCode', wire.RefusalCode],
    ['RejectionCode', wire.RejectionCode],
  ])('name every %s', (_, codes) => {
    const names = Object.keys(codes).filter((name) => name !== 'UNSPECIFIED' && name !== 'UNRECOGNIZED');

    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });
});

function bytesOf(from: string | Uint8Array): Buffer {
  return typeof from === 'string' ? Buffer.from(from.replace(/\s/g, ''), 'hex') : Buffer.from(from);
}
