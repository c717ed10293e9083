import type * as wire from '@flotilla/proto/assignment';
import { describe, expect, test } from 'vitest';
import { limits } from '../base/index.ts';
import { decodeHubFrame, hubFrameFromBytes } from './hub-frame.ts';

const hash = Buffer.alloc(32, 7);
const version = { epoch: 1n, seq: 42n };

function assignment(change: Partial<wire.Assignment> = {}): wire.Assignment {
  return {
    placement: 'cart',
    version,
    variantDigest: hash,
    eventHash: hash,
    mac: hash,
    cause: { cause: { $case: 'commit', value: 'a'.repeat(40) } },
    content: {
      repositoryUrl: 'https://git.example.org/shop.git',
      credential: '',
      commit: 'b'.repeat(40),
      ref: 'main',
      trees: [{ path: 'apps/cart', treeId: 'c'.repeat(40) }],
      author: 'Ada',
      subject: 'Raise replicas',
      committedAtS: 1_790_000_000n,
      requiredSigners: [],
      caBundlePem: '',
    },
    render: { renderer: 0, helm: undefined, namespace: 'shop', patches: [], variables: {} },
    apply: {
      mode: 0,
      takeOver: 0,
      drift: 0,
      ignore: [],
      createNamespace: false,
      priority: 0,
      takeOverFrom: '',
      confirmMs: 0n,
      placementAgeSeq: 0n,
    },
    health: { deadlineMs: 600_000n, soakMs: 0n, checks: [], stageChecks: [] },
    prune: { enabled: true, maxObjects: 20, maxPercent: 30, permittedListHash: Buffer.alloc(0) },
    mode: 1,
    suspension: undefined,
    rolloutId: 'cart-3',
    credential: undefined,
    ...change,
  };
}

function removal(change: Partial<wire.Removal> = {}): wire.Removal {
  return {
    placement: 'old',
    version,
    eventHash: hash,
    mac: hash,
    cause: { cause: { $case: 'decision', value: 'd'.repeat(26) } },
    mode: 1,
    permittedListHash: Buffer.alloc(0),
    ...change,
  };
}

function deltaOf(upserts: readonly wire.Assignment[], removals: readonly wire.Removal[] = []) {
  const result = decodeHubFrame({
    frame: { $case: 'delta', value: { nonce: 1n, upserts, removals, complete: true } },
  });
  if (!result.ok || result.value?.kind !== 'delta') throw new Error(JSON.stringify(result));
  return result.value.delta;
}

describe('decoding a delta', () => {
  test('reads what is not set as the documented default', () => {
    const [row] = deltaOf([assignment()]).upserts;

    expect(row?.variant.render.renderer).toBe('auto');
    expect(row?.variant.apply).toMatchObject({ mode: 'bestEffort', takeOver: 'ifNoDiff', drift: 'correct' });
    expect(row?.variant.apply.confirmMs).toBeUndefined();
    expect(row?.credential).toBeUndefined();
  });

  test('takes the good rows when another one is malformed, and names the field of that one', () => {
    const bad = assignment({ placement: 'bad', content: { ...assignment().content!, commit: 'main' } });

    const delta = deltaOf([bad, assignment()]);

    expect(delta.upserts.map((row) => row.placement)).toEqual(['cart']);
    expect(delta.malformed).toEqual([
      {
        placement: 'bad',
        version: { epoch: 1, seq: 42 },
        code: 'INVALID',
        text: 'content.commit: "main" is not a Git object id (40 or 64 hex characters)',
      },
    ]);
  });

  test('answers an enum value of a newer hub with UNSUPPORTED', () => {
    const render = { ...assignment().render!, renderer: 9 as wire.Renderer };

    expect(deltaOf([assignment({ render })]).malformed).toMatchObject([
      { code: 'UNSUPPORTED', text: 'render.renderer: value 9 is not known to this program' },
    ]);
  });

  test.each([
    ['no cause', { cause: undefined }],
    ['an empty cause', { cause: { cause: undefined } }],
    ['no mode', { mode: 0 as wire.RemovalMode }],
  ])('answers a removal with %s with CAUSE_MISSING', (_, change) => {
    expect(deltaOf([], [removal(change)]).malformed).toMatchObject([{ code: 'CAUSE_MISSING' }]);
  });

  test.each([
    ['a path that climbs', { path: '../secrets', treeId: 'c'.repeat(40) }],
    ['a path with a slash in front', { path: '/apps', treeId: 'c'.repeat(40) }],
    ['a tree id that is none', { path: 'apps', treeId: 'HEAD' }],
  ])('refuses a row with %s', (_, tree) => {
    const content = { ...assignment().content!, trees: [tree] };

    expect(deltaOf([assignment({ content })]).malformed[0]?.text).toMatch(/^content\.trees\[0\]\./);
  });

  test.each(['content', 'render', 'apply', 'health', 'prune'] as const)(
    'refuses a row without %s',
    (field) => {
      expect(deltaOf([assignment({ [field]: undefined })]).malformed[0]?.text).toBe(`${field}: is missing`);
    },
  );

  test('refuses the frame when a row cannot be named', () => {
    const result = decodeHubFrame({
      frame: {
        $case: 'delta',
        value: {
          nonce: 1n,
          upserts: [assignment({ placement: 'No Label' })],
          removals: [],
          complete: true,
        },
      },
    });

    expect(result).toMatchObject({ ok: false, error: { path: 'delta.upserts[0].placement' } });
  });

  test('refuses numbers beyond 2^53 - 1', () => {
    const result = decodeHubFrame({
      frame: { $case: 'heartbeat', value: { desiredDigest: hash, reportSeq: 2n ** 60n, wantReport: false } },
    });

    expect(result).toMatchObject({ ok: false, error: { path: 'heartbeat.report_seq' } });
  });
});

describe('decoding a hub frame', () => {
  test('ignores a frame kind of a newer hub', () => {
    const unknownField = Uint8Array.from([0x9a, 0x06, 0x02, 0x08, 0x01]);

    expect(hubFrameFromBytes(unknownField)).toEqual({ ok: true, value: undefined });
  });

  test('reads an unknown refusal code as RETRY', () => {
    const frame = {
      $case: 'refused' as const,
      value: { code: 77 as wire.RefusalCode, text: 'new reason', retryAfterMs: 5 },
    };

    expect(decodeHubFrame({ frame })).toMatchObject({
      ok: true,
      value: { code: 'RETRY', text: 'new reason' },
    });
  });

  test('refuses a frame above the bound before reading it', () => {
    expect(hubFrameFromBytes(new Uint8Array(limits.frameBytesMax + 1))).toMatchObject({ ok: false });
  });
});
