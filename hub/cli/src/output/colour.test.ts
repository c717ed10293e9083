import { describe, expect, it } from 'vitest';
import { painterFor } from './colour.ts';

describe('colour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('with %j and a terminal: %s is used: %s', (env, isTerminal, isUsed) => {
    expect(painterFor(env, isTerminal)('Ready', 'good') !== 'Ready').toBe(isUsed);
  });
});
