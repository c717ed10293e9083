import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopbackHost, problemCodes } from '@flotilla/shared/model';
import { ApiError } from './api-error.ts';

/** What every request must show before anything else of it is looked at. */
export interface RequestHead {
  readonly host: string | undefined;
  readonly authorization: string | undefined;
}

/**
 * Lets a request pass, or throws ApiError: its Host must be a name of this machine (a page of another site that
 * resolves its own name to 127.0.0.1 sends its own Host), and it must carry the token. Compared in constant time.
 */
export function checkRequest(head: RequestHead, tokenHash: Buffer): void {
  const host = hostOf(head.host ?? '');
  if (host === undefined || !isLoopbackHost(host)) {
    throw new ApiError(403, {
      code: problemCodes.wrongHost,
      text: `this hub does not answer to the host name ${JSON.stringify((head.host ?? '').slice(0, 80))}`,
      cause: 'without users and roles the API is for this machine alone, so that no web page can reach it',
      next: 'call it as http://127.0.0.1:PORT or http://localhost:PORT',
    });
  }
  const token = /^Bearer +([^\s]+)$/i.exec(head.authorization ?? '')?.[1];
  if (token === undefined || !timingSafeEqual(hashToken(token), tokenHash)) {
    throw new ApiError(401, {
      code: problemCodes.notAuthorised,
      text: token === undefined ? 'the request carries no token' : 'the token is not the one of this hub',
      cause:
        'every request needs "Authorization: Bearer TOKEN" with the text of admin-token in the data folder of the hub',
      next: 'flotilla status --token-file DATA-DIR/admin-token',
    });
  }
}

/** sha-256 of a token: equally long texts compare in constant time. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** `name:port`, `[::1]:port` or without port; undefined for anything else. */
function hostOf(header: string): string | undefined {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]/@\s]+)(?::[0-9]{1,5})?$/.exec(header)?.[1];
}
