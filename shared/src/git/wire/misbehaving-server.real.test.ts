import { describe, expect, it } from 'vitest';
import { openWorld, outcome } from './outcome-fixture.ts';

describe('each way of misbehaving has one clear error', () => {
  it.each([
    [
      'unauthorized',
      'GIT_UNAUTHORIZED: the server of URL asks for a credential, or refuses the one given (401)',
    ],
    [
      'forbidden',
      'GIT_FORBIDDEN: the server of URL does not allow this credential to read the repository (403)',
    ],
    [
      'not-found',
      'GIT_NOT_FOUND: the server of URL knows no such repository, or hides it from this credential (404)',
    ],
    ['rate-limited', 'GIT_RATE_LIMITED: the server of URL limits our requests (429)'],
    ['server-error', 'GIT_SERVER_ERROR: the server of URL failed (500)'],
    ['hang', 'GIT_TIMEOUT: URL was silent for 0.3 s'],
    ['empty-advertisement', 'GIT_EMPTY_ADVERTISEMENT: URL: the server sent an empty advertisement'],
    ['truncated-advertisement', 'GIT_TRUNCATED_ANSWER: the answer of URL ends within a line'],
    ['html', 'GIT_HTML_ANSWER: the server of URL answers with a web page, not with git data'],
    [
      'wrong-type',
      'GIT_CONTENT_TYPE: the server of URL answers with application/octet-stream, not with git data',
    ],
    ['garbage', 'GIT_PROTOCOL_ERROR: the answer of URL is not the git protocol'],
    ['redirect-loop', 'GIT_REDIRECT_REFUSED: URL redirects more than 3 times'],
  ] as const)('%s', async (fault, text) => {
    await using world = await openWorld();
    const remote = world.remote({ timeouts: { idleMs: 300 } });
    world.server.misbehave('shop', fault);

    expect((await outcome(remote)).replaceAll(world.server.urlOf('shop'), 'URL')).toBe(text);

    world.server.misbehave('shop');
    expect(await outcome(remote)).toBe('refs/heads/main');
  });
});
