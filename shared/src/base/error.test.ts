import { describe, expect, it } from 'vitest';
import { adviceOf, describeWithAdvice, FlotillaError } from './error.ts';

function failure(text: string, advice?: string, cause?: unknown): FlotillaError {
  return new FlotillaError(text, { code: 'FAILED', retry: 'backoff', advice, cause });
}

describe('adviceOf', () => {
  it('is what the outermost error that has one says', () => {
    const inner = failure('401', 'check the credential');
    expect(adviceOf(failure('fetch failed', undefined, inner))).toBe('check the credential');
    expect(adviceOf(failure('fetch failed', 'wait', inner))).toBe('wait');
  });

  it('is undefined where nobody knows', () => {
    expect(adviceOf(failure('odd'))).toBeUndefined();
    expect(adviceOf(new Error('odd'))).toBeUndefined();
    expect(adviceOf('odd')).toBeUndefined();
  });
});

describe('describeWithAdvice', () => {
  it('says what happened, why, and what to do where somebody knows', () => {
    const inner = failure('answered 401', 'check the credential');
    expect(describeWithAdvice(failure('fetch failed', undefined, inner))).toBe(
      'fetch failed: answered 401; check the credential',
    );
    expect(describeWithAdvice('odd')).toBe('odd');
  });
});
