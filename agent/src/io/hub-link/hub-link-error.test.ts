import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { fromServiceError } from './hub-link-error.ts';

function failed(
  code: status,
  details: string,
  metadata: { readonly [key: string]: string } = {},
): ServiceError {
  const carried = new Metadata();
  for (const [key, value] of Object.entries(metadata)) carried.set(key, value);
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata: carried });
}

describe('a failed call to the hub', () => {
  it.each([
    [
      status.UNAVAILABLE,
      'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:7443. Resolution note: ',
      'no hub can be reached there (ECONNREFUSED): look whether it runs, and whether a network policy or proxy is between',
    ],
    [
      status.UNAVAILABLE,
      'No connection established. Last error: Error: self-signed certificate in certificate chain. Resolution note: ',
      "the hub's certificate is not one that this agent trusts: self-signed certificate in certificate chain",
    ],
    [
      status.DEADLINE_EXCEEDED,
      'Deadline exceeded after 30.001s,LB pick: 0.001s',
      'the hub took the call and did not answer in time: look at its log and its load',
    ],
    [
      status.UNIMPLEMENTED,
      'The server does not implement the method',
      'what answers there does not know this call: it is no hub, or an older one',
    ],
    [status.UNAUTHENTICATED, 'the certificate has ended', 'the certificate has ended'],
    [
      status.INTERNAL,
      'Received RST_STREAM with code 2',
      'the call broke (INTERNAL): Received RST_STREAM with code 2',
    ],
  ])('with status %i is told in plain words', (code, details, expected) => {
    const error = fromServiceError('cannot join at hub.example:7444', failed(code, details));
    expect(error.message).toBe(`cannot join at hub.example:7444: ${expected}`);
    expect(error).toMatchObject({ code: status[code], retry: 'backoff' });
  });

  it('is told in the words of the hub where it gave a code, with the time it asked for', () => {
    const said = { 'flotilla-code': 'TOKEN_USED', 'flotilla-retry-after-ms': '1500' };
    const error = fromServiceError(
      'cannot join',
      failed(status.PERMISSION_DENIED, 'the token was used', said),
    );
    expect(error).toMatchObject({
      code: 'TOKEN_USED',
      message: 'cannot join: the token was used',
      retry: 'never',
    });
    expect(error.retryAfterMs).toBe(1_500);
  });

  it('is told as it is when it is no answer of a call', () => {
    const error = fromServiceError('cannot join', Object.assign(new Error('broken'), { code: 'EPIPE' }));
    expect(error).toMatchObject({ message: 'cannot join: broken', code: 'EPIPE', retry: 'backoff' });
  });
});
