import { describe, expect, it } from 'vitest';
import { ageOf, seenCell, timeText } from './age.ts';

describe('ages', () => {
  it('count from the hub and never go below zero', () => {
    expect(ageOf(1_000, 13_500)).toBe('12s');
    expect(ageOf(5_000, 1_000)).toBe('0ms');
    expect(ageOf(undefined, 1_000)).toBe('');
  });

  it('of a state say live only when it is fresh', () => {
    expect(seenCell({ isFresh: true, asOfMs: 1 }, 400_000).text).toBe('live');
    expect(seenCell({ isFresh: false, asOfMs: 40_000 }, 400_000)).toEqual({
      text: '6m ago',
      tone: 'unknown',
    });
    expect(seenCell({ isFresh: false, asOfMs: undefined }, 400_000).text).toBe('never');
  });

  it('are written as points in time in UTC', () => {
    expect(timeText(Date.UTC(2026, 10, 23, 12, 0, 5))).toBe('2026-11-23 12:00:05Z');
  });
});
