import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judgeWebhook, type WebhookHeaders } from './signature.ts';

const body = Buffer.from('Hello, World!');
const secret = "It's a Secret to Everybody";
/** The example of GitHub's documentation, "Validating webhook deliveries". */
const documented = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

const judge = (headers: WebhookHeaders) => judgeWebhook(body, headers, secret);

describe('a webhook', () => {
  it.each<WebhookHeaders>([
    { 'x-hub-signature-256': `sha256=${documented}` },
    { 'x-hub-signature-256': `sha256=${documented.toUpperCase()}` },
    { 'x-flotilla-signature-256': `sha256=${documented}` },
    { 'x-hub-signature': `sha256=${documented}` },
    { 'x-gitea-signature': documented },
    { 'x-forgejo-signature': documented },
    { 'x-gitlab-token': secret },
    { 'x-hub-signature': `sha1=${'0'.repeat(40)}`, 'x-hub-signature-256': `sha256=${documented}` },
  ])('signed by %j is genuine', (headers) => {
    expect(judge(headers)).toBe('genuine');
  });

  it.each<WebhookHeaders>([
    { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
    { 'x-hub-signature-256': 'sha256=' },
    { 'x-hub-signature-256': `sha256=${documented}00` },
    { 'x-hub-signature-256': `sha256=${createHmac('sha256', 'other').update(body).digest('hex')}` },
    { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}`, 'x-gitlab-token': secret },
    { 'x-gitlab-token': '' },
    { 'x-gitlab-token': `${secret} ` },
  ])('signed by %j is forged', (headers) => {
    expect(judge(headers)).toBe('forged');
  });

  it.each<WebhookHeaders>([
    {},
    { 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
    { 'x-github-event': 'push' },
  ])('with the headers %j is unsigned', (headers) => {
    expect(judge(headers)).toBe('unsigned');
  });

  it('is judged by its raw bytes', () => {
    const headers = { 'x-hub-signature-256': `sha256=${documented}` };
    expect(judgeWebhook(Buffer.from('Hello, World! '), headers, secret)).toBe('forged');
  });
});
