import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatContinue, parseContinue } from './continue-token.ts';

const list = { kind: 'clusters', selectors: 'env=prod|' } as const;

describe('continue', () => {
  it('gives back what was put in, whatever the name is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (after, selectors) => {
        const text = formatContinue({ kind: 'clusters', selectors, after });
        expect(parseContinue(text, { kind: 'clusters', selectors })).toEqual({ ok: true, value: after });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['other letters', '%%%'],
    ['another shape', Buffer.from('{}').toString('base64url')],
    ['another version', Buffer.from('[2,"clusters","env=prod|","a"]').toString('base64url')],
    ['no name', Buffer.from('[1,"clusters","env=prod|",7]').toString('base64url')],
    ['another kind', formatContinue({ ...list, kind: 'placements', after: 'a' })],
    ['other selectors', formatContinue({ ...list, selectors: '|', after: 'a' })],
  ])('is refused when it is %s', (_what, text) => {
    expect(parseContinue(text, list).ok).toBe(false);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseContinue(text, list).ok === 'boolean'));
  });
});
