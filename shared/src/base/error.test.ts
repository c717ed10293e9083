import { describe, expect, it } from 'vitest';
import { adviceOf, FlotillaError } from './error.ts';

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
