import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeReply } from './check-reply.ts';

describe('judgeReply', () => {
  it.each([
    [200, '{"pass":true}', 'passed', ''],
    [201, '{"pass":true,"text":"12 of 12\\n orders"}', 'passed', '12 of 12 orders'],
    [200, '{"pass":false,"text":"3 of 5 orders failed"}', 'failed', '3 of 5 orders failed'],
    [202, '', 'again', 'it answers 202'],
    [202, '{"pass":true}', 'again', 'it answers 202'],
    [503, '{"text":"warming up"}', 'again', 'it answers 503: warming up'],
    [429, 'slow down', 'again', 'it answers 429'],
    [200, '', 'none', 'it answers 200 without {"pass": true or false}'],
    [200, '<html>ok</html>', 'none', 'it answers 200 without {"pass": true or false}'],
    [200, '{"pass":"true"}', 'none', 'it answers 200 without {"pass": true or false}'],
    [200, 'null', 'none', 'it answers 200 without {"pass": true or false}'],
    [302, '{"pass":true}', 'none', 'it answers 302, a redirect, which is not followed'],
    [404, '{"pass":true}', 'none', 'it answers 404'],
    [500, '{"pass":false,"text":"broken"}', 'none', 'it answers 500: broken'],
  ] as const)('takes %i with %j as %s', (status, body, kind, text) => {
    expect(judgeReply({ status, body })).toEqual({ kind, text });
  });

  it('I8: passes nothing but a 2xx that says pass: true', () => {
    const status = fc.integer({ min: 100, max: 599 });
    const body = fc.oneof(fc.string(), fc.json(), fc.constantFrom('{"pass":true}', '{"pass":false}'));
    fc.assert(
      fc.property(status, body, (code, said) => {
        const { kind, text } = judgeReply({ status: code, body: said });
        expect(text.length).toBeLessThanOrEqual(1_100);
        if (kind !== 'passed') return;
        expect(code >= 200 && code <= 299 && code !== 202).toBe(true);
        expect((JSON.parse(said) as { readonly pass: unknown }).pass).toBe(true);
      }),
    );
  });
});
