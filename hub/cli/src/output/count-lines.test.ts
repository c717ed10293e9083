import { describe, expect, it } from 'vitest';
import { painterFor } from './colour.ts';
import { failureLines, grouped, plural, stateLines } from './count-lines.ts';
import { shellWord, summaryLines } from './summary-lines.ts';

const paint = painterFor({}, false);
const terminal = {
  paint,
  paintSaid: paint,
  print: () => {},
  say: () => {},
  width: undefined,
  canAsk: false,
  isYes: async () => false,
  programName: 'kubectl flotilla',
};
const failure = {
  fingerprint: 'f',
  reason: 'CrashLoopBackOff',
  text: `exit 1 ${'x'.repeat(200)}`,
  count: 112,
  example: { cluster: 'eu-17', placement: 'checkout', object: 'Deployment/api' },
} as unknown as Parameters<typeof failureLines>[0][number];

describe('counts', () => {
  it('are grouped by thousands', () => {
    expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([plural(1, 'rollout'), plural(2, 'rollout')]).toEqual(['1 rollout', '2 rollouts']);
  });

  it('by state name what is well first, and nothing that is zero', () => {
    const lines = stateLines({ Degraded: 3, Ready: 1_200, Unknown: 0, Progressing: 4 }, (state) => state);
    expect(lines).toEqual(['  Ready        1,200', '  Progressing      4', '  Degraded         3']);
  });

  it('of failures come with a cut text and one example', () => {
    const [first, second] = failureLines([failure], paint);
    expect(first).toMatch(/^ {2}112 × CrashLoopBackOff: exit 1 x{92}…$/);
    expect(second).toBe('        e.g. Deployment/api on eu-17/checkout');
  });
});

describe('the summary of a long list', () => {
  it('ends with the commands that list what is wrong and everything, with the same selectors', () => {
    const summary = { total: 10_000, states: { Ready: 9_888, Degraded: 112 }, failures: [failure] };
    const selectors = { labelSelector: 'tier in (web,db)', fieldSelector: undefined };
    const lines = summaryLines('clusters', summary, selectors, terminal);
    expect(lines[0]).toBe('10,000 clusters');
    expect(lines.slice(-2)).toEqual([
      "  kubectl flotilla get clusters -l 'tier in (web,db)' --field state=Degraded",
      "  kubectl flotilla get clusters -l 'tier in (web,db)' --all",
    ]);
  });

  it('quotes words as a shell takes them', () => {
    expect(shellWord('a=b,c')).toBe('a=b,c');
    expect(shellWord("it's!")).toBe("'it'\\''s!'");
  });
});
