import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { afterEach, describe, expect, it } from 'vitest';
import { readWebhookSecret, startWebhookServer, type WebhookServer } from './webhook-server.ts';

const secret = 'a shared secret';
let server: WebhookServer | undefined;

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
});

async function start() {
  const clock = manualClock();
  let pushes = 0;
  const listen = { host: '127.0.0.1', port: 0 };
  server = await startWebhookServer({
    listen,
    secret,
    clock,
    log: silentLogger,
    onPush: () => (pushes += 1),
  });
  const { port } = server.address;
  const send = (
    body: string,
    headers: { readonly [name: string]: string } = sign(body),
    path = '/hooks/git',
  ) => fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers });
  return { clock, send, pushes: () => pushes, server };
}

function sign(body: string, more: { readonly [name: string]: string } = {}) {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}`, ...more };
}

describe('the webhook listener', () => {
  it('wakes the hub for a signed push, at once', async () => {
    const { send, pushes } = await start();

    const answer = await send('{"ref":"refs/heads/main"}');

    expect(answer.status).toBe(202);
    expect(pushes()).toBe(1);
  });

  it('takes any body that is signed: it is a hint, and never parsed', async () => {
    const { send, pushes } = await start();

    expect((await send('{"not json')).status).toBe(202);
    expect(
      (await send('a=b', sign('a=b', { 'content-type': 'application/x-www-form-urlencoded' }))).status,
    ).toBe(202);
    expect((await send('', sign(''))).status).toBe(202);
    expect(pushes()).toBe(1);
  });

  it('answers an unsigned or forged one with 401 and wakes nobody', async () => {
    const { send, pushes, server } = await start();

    const unsigned = await send('{}', {});
    const forged = await send('{}', sign('{} '));

    expect([unsigned.status, forged.status]).toEqual([401, 401]);
    expect(await forged.json()).toMatchObject({ error: { code: 'FLT-2001' } });
    expect(pushes()).toBe(0);
    expect(server.counts).toEqual({ taken: 0, repeated: 0, refused: 2 });
  });

  it('takes a repeated delivery once; a forged one does not use up its number', async () => {
    const { clock, send, pushes } = await start();
    const numbered = sign('{}', { 'x-github-delivery': '1' });

    expect(
      (await send('{}', { ...numbered, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).status,
    ).toBe(401);
    expect((await send('{}', numbered)).status).toBe(202);
    await clock.advance(2_000);
    expect((await send('{}', numbered)).status).toBe(200);
    await clock.advance(2_000);

    expect(pushes()).toBe(1);
  });

  it('wakes once at the end for a burst', async () => {
    const { clock, send, pushes } = await start();
    for (let number = 0; number < 20; number += 1) await send(`{"n":${number}}`);
    expect(pushes()).toBe(1);

    await clock.advance(1_000);

    expect(pushes()).toBe(2);
  });

  it('refuses a body beyond the bound before looking at it', async () => {
    const { send, pushes } = await start();
    const body = 'x'.repeat(limits.webhookBytesMax + 1);

    const answer = await send(body);

    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'FLT-2007' } });
    expect(pushes()).toBe(0);
  });

  it('has nothing else to offer', async () => {
    const { send } = await start();
    const answer = await send('{}', sign('{}'), '/api/v1/status');
    expect(answer.status).toBe(404);
  });
});

describe('the secret of the webhooks', () => {
  it('is the text of its file without white space at the ends, and not too short', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-webhook-'));
    try {
      const path = join(folder, 'secret');
      await writeFile(path, ' long enough \n');
      expect(await readWebhookSecret(path)).toBe('long enough');
      await writeFile(path, 'short\n');
      await expect(readWebhookSecret(path)).rejects.toMatchObject({ code: 'WEBHOOK_SECRET_SHORT' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
