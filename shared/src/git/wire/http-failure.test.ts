import { describe, expect, it } from 'vitest';
import { connectionError, contentTypeError, statusError } from './http-failure.ts';

const url = 'https://git.example.org/shop.git';

describe('statusError', () => {
  it.each([
    [401, 'GIT_UNAUTHORIZED'],
    [403, 'GIT_FORBIDDEN'],
    [404, 'GIT_NOT_FOUND'],
    [410, 'GIT_NOT_FOUND'],
    [429, 'GIT_RATE_LIMITED'],
    [500, 'GIT_SERVER_ERROR'],
    [503, 'GIT_SERVER_ERROR'],
    [418, 'GIT_HTTP_STATUS'],
    [204, 'GIT_HTTP_STATUS'],
  ])('gives %i the code %s', (status, code) => {
    const error = statusError(url, status);

    expect(error).toMatchObject({ code, retry: 'backoff' });
    expect(error.message).toContain(url);
  });
});

describe('contentTypeError', () => {
  it.each([
    ['text/html; charset=utf-8', 'GIT_HTML_ANSWER'],
    ['application/xhtml+xml', 'GIT_HTML_ANSWER'],
    ['application/json', 'GIT_CONTENT_TYPE'],
    ['', 'GIT_CONTENT_TYPE'],
  ])('gives %j the code %s', (type, code) => {
    expect(contentTypeError(url, type)).toMatchObject({ code });
  });
});

describe('connectionError', () => {
  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'GIT_TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'GIT_TLS'],
    ['CERT_HAS_EXPIRED', 'GIT_TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'GIT_TLS'],
    ['ECONNREFUSED', 'GIT_UNREACHABLE'],
    ['ENOTFOUND', 'GIT_UNREACHABLE'],
  ])('gives %s the code %s', (cause, code) => {
    expect(connectionError(url, Object.assign(new Error('it failed'), { code: cause }))).toMatchObject({
      code,
    });
  });
});
