import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { describeError, errorCode, limits } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import type { HubAddress } from './find-hub.ts';

/** One request. */
export interface HubRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below /api/v1, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
}

/** A page of a list: 500 items of at most some hundred kilobytes each would be absurd. */
const answerBytesMax = 64 * limits.apiBodyBytesMax;

/** Sends a request and resolves with the answer's head. Rejects with CliError when the hub cannot be reached. */
export async function openRequest(
  hub: HubAddress,
  wanted: HubRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const send = hub.url.protocol === 'https:' ? (await import('node:https')).request : request;
  const url = new URL(`/api/v1${wanted.path}`, hub.url);
  const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
  const options: RequestOptions = {
    method: wanted.method,
    signal,
    agent: false,
    headers: {
      authorization: `Bearer ${hub.token}`,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
      ...wanted.headers,
    },
  };
  return new Promise((resolve, reject) => {
    const sent = send(url, options, resolve);
    sent.once('error', (error) => reject(signal.aborted ? signal.reason : unreachable(hub, error)));
    sent.end(body);
  });
}

/** The whole body of an answer as text. Rejects with CliError when it breaks off or is absurdly large. */
export async function readBody(hub: HubAddress, answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw new Error(`the answer has more than ${answerBytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(hub, error);
  }
  return Buffer.concat(chunks).toString();
}

/** The hub is not there, or went away while it answered. */
export function unreachable(hub: HubAddress, error: unknown): CliError {
  const place = hub.dataDir === undefined ? '' : ` --data-dir ${hub.dataDir}`;
  return new CliError(
    {
      code: problemCodes.hubUnreachable,
      text: `cannot reach the hub at ${hub.url.origin}`,
      cause: reasons[errorCode(error) ?? ''] ?? describeError(error),
      stillTrue:
        'clusters keep themselves as they were told last; nothing is known of them until the hub is back',
      next: `flotilla-hub serve${place}`,
    },
    exitCodes.hubUnreachable,
    error,
  );
}

const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there: the hub is not running, or listens elsewhere',
  ECONNRESET: 'the connection broke off',
  ENOTFOUND: 'there is no host of that name',
  EHOSTUNREACH: 'no way leads there',
  ETIMEDOUT: 'nobody answers there',
};
