import type { CheckAsked, CheckPort } from '@flotilla/hub/ports';
import { limits } from '@flotilla/shared/base';
import { expect, test } from 'vitest';
import type { CheckBehaviour } from '../../fakes/index.ts';
import { never } from '../never.ts';

/** Somebody who is asked, and what they saw. */
export interface CheckWorld extends AsyncDisposable {
  /** Asks with a credential `ours` for this place, holding the token `s3cret`, and one `theirs` for another. */
  readonly port: CheckPort;
  /** `http://127.0.0.1:…`, which is listed as allowed. */
  readonly url: string;
  behave(behaviour: CheckBehaviour): void;
  /** Bodies that arrived, each with its Authorization; '' = none. */
  received(): readonly { readonly body: string; readonly authorization: string }[];
}

/** The promises of the CheckPort port; run on the real adapter and on the fake. */
export function checkContract(makeWorld: () => Promise<CheckWorld>): void {
  answers(makeWorld);
  refusals(makeWorld);
}

const question = '{"check":"smoke"}';

function askedAt(url: string, more: Partial<CheckAsked> = {}): CheckAsked {
  return { url, credential: undefined, body: question, timeoutMs: 20_000, ...more };
}

function answers(makeWorld: () => Promise<CheckWorld>): void {
  test('one question is posted once, and the reply comes back as it is', async () => {
    await using world = await makeWorld();
    world.behave({ status: 503, body: 'warming up', retryAfterMs: 7_000 });
    const reply = await world.port.ask(askedAt(`${world.url}/smoke?of=shop`), never);
    expect(reply).toEqual({ status: 503, body: 'warming up', retryAfterMs: 7_000 });
    expect(world.received()).toEqual([{ body: question, authorization: '' }]);
  });

  test('a redirect is a reply and is not followed', async () => {
    await using world = await makeWorld();
    world.behave({ status: 307, body: '' });
    expect((await world.port.ask(askedAt(world.url), never)).status).toBe(307);
    expect(world.received()).toHaveLength(1);
  });

  test.each([
    ['an answer without an end', 'silent', 'CHECK_TIMEOUT', 200],
    ['an answer that breaks off', 'broken', 'CHECK_UNREACHABLE', 20_000],
    [
      'an answer that is too large',
      { status: 200, body: 'x'.repeat(limits.checkReplyBytesMax + 1) },
      'CHECK_REPLY_TOO_LARGE',
      20_000,
    ],
  ] as const)('%s is none', async (_name, behaviour, code, timeoutMs) => {
    await using world = await makeWorld();
    world.behave(behaviour);
    const asking = world.port.ask(askedAt(world.url, { timeoutMs }), never);
    await expect(asking).rejects.toMatchObject({ name: 'CheckUnansweredError', code, retry: 'backoff' });
  });

  test('an abort ends the waiting with its own reason', async () => {
    await using world = await makeWorld();
    world.behave('silent');
    const stopping = new AbortController();
    const asking = world.port.ask(askedAt(world.url), stopping.signal);
    const seen = expect(asking).rejects.toThrow('the hub stops');
    stopping.abort(new Error('the hub stops'));
    await seen;
  });
}

function refusals(makeWorld: () => Promise<CheckWorld>): void {
  test('a token is sent as bearer to the place that it is for', async () => {
    await using world = await makeWorld();
    await world.port.ask(askedAt(world.url, { credential: 'ours' }), never);
    expect(world.received()).toEqual([{ body: question, authorization: 'Bearer s3cret' }]);
  });

  test.each(['theirs', 'missing'])('with the credential %j nobody is asked', async (credential) => {
    await using world = await makeWorld();
    const asking = world.port.ask(askedAt(world.url, { credential }), never);
    const error: unknown = await asking.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'CHECK_CREDENTIAL' });
    expect(String(error)).not.toContain('s3cret');
    expect(world.received()).toEqual([]);
  });

  test('plain http to a host that is not listed is refused', async () => {
    await using world = await makeWorld();
    const asking = world.port.ask(askedAt('http://checks.example.org/smoke'), never);
    await expect(asking).rejects.toMatchObject({ code: 'CHECK_URL_REFUSED' });
  });
}
