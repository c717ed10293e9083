import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.ts';
import { checkRequest, hashToken } from './guard.ts';

const token = 'x'.repeat(43);

function statusOf(host: string | undefined, authorization: string | undefined): number {
  try {
    checkRequest({ host, authorization }, hashToken(token));
    return 200;
  } catch (error) {
    return error instanceof ApiError ? error.status : 500;
  }
}

describe('a request', () => {
  it.each(['localhost:7440', '127.0.0.1:7440', '[::1]:7440', '127.0.0.1', 'LOCALHOST', 'localhost:9999'])(
    'passes when it is for %s',
    (host) => {
      expect(statusOf(host, `Bearer ${token}`)).toBe(200);
    },
  );

  it.each([
    'evil.example:7440',
    '127.0.0.1.evil.example',
    'localhost.evil.example:7440',
    '10.0.0.1:7440',
    'user@127.0.0.1',
    '127.0.0.1:7440, evil.example',
    '',
    undefined,
  ])('for the host %s is refused even with the token, so that no rebound name reaches the API', (host) => {
    expect(statusOf(host, `Bearer ${token}`)).toBe(403);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    token,
    `Bearer ${token}x`,
    `Bearer ${token} x`,
  ])('with the authorization %j is refused', (authorization) => {
    expect(statusOf('127.0.0.1:7440', authorization)).toBe(401);
  });
});
