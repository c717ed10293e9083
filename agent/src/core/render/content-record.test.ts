import type { Digest, GitId, Json } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { type ContentRecord, encodeContent, parseContent } from './content-record.ts';

const record: ContentRecord = {
  variantDigest: 'd'.repeat(64) as Digest,
  commit: 'c'.repeat(40) as GitId,
  options: {
    namespace: 'shop',
    createNamespace: true,
    ignore: [{ target: { kind: 'Deployment' }, pointers: ['/spec/replicas'] }],
  },
  objects: [
    {
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: 'y' } },
      origin: { path: 'a.yaml', document: 2 },
    },
  ],
};

const stored = (change: object = {}) =>
  ({ ...JSON.parse(JSON.stringify(encodeContent(record))), ...change }) as Json;

describe('the stored content', () => {
  it('reads back what it wrote', () => {
    expect(parseContent(stored())).toEqual({ ok: true, value: record });
  });

  it.each([
    [{ format: 99 }],
    [{ variantDigest: 'short' }],
    [{ objects: [] }],
    [{ objects: [{ object: { kind: 'X' }, path: '', document: 1 }] }],
  ])('is not used when it says %j', (change) => {
    expect(parseContent(stored(change)).ok).toBe(false);
  });
});
