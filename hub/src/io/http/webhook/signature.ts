import { createHmac, timingSafeEqual } from 'node:crypto';
import { hashToken } from '../guard.ts';

/** The headers of a webhook, by lower-case names. */
export type WebhookHeaders = { readonly [name: string]: string | readonly string[] | undefined };

interface Scheme {
  readonly header: string;
  /** What stands before the hex digits; the header is another scheme's when it does not. */
  readonly prefix: string;
}

/**
 * Headers that carry HMAC-SHA-256 of the raw body in hex, in the order in which they are looked for; the first one that
 * is there must be right. Sources: the webhook documentation of each product.
 */
const signatures: readonly Scheme[] = [
  // Ours, for servers without a scheme of their own.
  { header: 'x-flotilla-signature-256', prefix: 'sha256=' },
  // GitHub, Gitea, Forgejo.
  { header: 'x-hub-signature-256', prefix: 'sha256=' },
  // Bitbucket; GitHub's older SHA-1 form begins with sha1= and is not taken.
  { header: 'x-hub-signature', prefix: 'sha256=' },
  { header: 'x-forgejo-signature', prefix: '' },
  { header: 'x-gitea-signature', prefix: '' },
  { header: 'x-gogs-signature', prefix: '' },
];

/** GitLab sends the secret itself. */
const tokenHeader = 'x-gitlab-token';

/** What the headers say of who sent a webhook. */
export type WebhookVerdict = 'genuine' | 'forged' | 'unsigned';

/** Judges a webhook by its raw body, before anything of it is parsed. Compares in constant time. */
export function judgeWebhook(body: Uint8Array, headers: WebhookHeaders, secret: string): WebhookVerdict {
  for (const { header, prefix } of signatures) {
    const value = headers[header];
    if (typeof value !== 'string' || !value.startsWith(prefix)) continue;
    const expected = createHmac('sha256', secret).update(body).digest();
    return isSame(expected, value.slice(prefix.length)) ? 'genuine' : 'forged';
  }
  const token = headers[tokenHeader];
  if (typeof token !== 'string') return 'unsigned';
  return timingSafeEqual(hashToken(token), hashToken(secret)) ? 'genuine' : 'forged';
}

function isSame(expected: Buffer, hex: string): boolean {
  const given = /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex') : Buffer.alloc(expected.length);
  return timingSafeEqual(expected, given);
}
