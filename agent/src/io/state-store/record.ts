import { createHash } from 'node:crypto';
import type { Json } from '@flotilla/shared/base';

/** `flotilla-record 1 <sha256 of the body>`, a line feed, the body as JSON. */
export function encodeRecord(value: Json): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`flotilla-record 1 ${sha256(body)}\n`), body]);
}

/** The value of a record; undefined when it is torn or was written by something else. */
export function decodeRecord(bytes: Uint8Array): { readonly value: Json } | undefined {
  const end = bytes.indexOf(10);
  const head = Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('latin1');
  const match = /^flotilla-record 1 ([0-9a-f]{64})$/.exec(head);
  const body = bytes.subarray(end + 1);
  if (!match || match[1] !== sha256(body)) return undefined;
  // The checksum matched: this is the JSON that encodeRecord wrote.
  return { value: JSON.parse(Buffer.from(body).toString('utf8')) as Json };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
