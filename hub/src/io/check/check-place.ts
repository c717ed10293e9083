import { isIP } from 'node:net';
import { type AddressJudge, credentialRefusal } from '@flotilla/shared/git';
import type { BoundCredential } from '@flotilla/shared/model';
import { CheckUnansweredError } from './check-error.ts';

/** Where a check may be asked. */
export interface CheckPlace {
  readonly url: URL;
  /** For messages: without query. */
  readonly shown: string;
}

/** The rules of Git URLs (shared/adr/0011): https, or http to a listed loopback host; no user info. Throws CHECK_URL_REFUSED and CHECK_ADDRESS_REFUSED. */
export function checkPlace(
  text: string,
  rules: { readonly allowPlainHttpHosts: readonly string[]; readonly judge: AddressJudge },
): CheckPlace {
  const url = URL.parse(text);
  if (url === null) throw refused('the url of the check', 'is none');
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  if (url.username !== '' || url.password !== '') throw refused(shown, 'carries a user name or password');
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol === 'http:') {
    if (!rules.allowPlainHttpHosts.includes(hostname)) {
      throw refused(shown, `is plain http and ${hostname} is not in plain-http-hosts`);
    }
  } else if (url.protocol !== 'https:') throw refused(shown, 'is not https');
  // No name lookup will judge what is an address already.
  const denial = isIP(hostname) === 0 ? undefined : rules.judge(hostname, hostname);
  if (denial !== undefined) {
    throw new CheckUnansweredError('CHECK_ADDRESS_REFUSED', `${shown} is not connected to: ${denial}`);
  }
  return { url, shown };
}

/** The header that proves who asks. Throws CHECK_CREDENTIAL when there is no such credential, or it is for another place or of another kind. */
export function bearerFor(
  { url, shown }: CheckPlace,
  name: string,
  credential: BoundCredential | undefined,
): string {
  if (credential === undefined) {
    throw unusable(`credential ${name} for ${shown} is not in the hub's credentials folder`);
  }
  const refusal = credentialRefusal(credential, `${url.origin}${url.pathname}`);
  if (refusal !== undefined) throw unusable(refusal);
  if (credential.kind !== 'token')
    throw unusable(`credential ${name} has no token, and a check is sent nothing else`);
  return `Bearer ${credential.token}`;
}

function refused(shown: string, why: string): CheckUnansweredError {
  return new CheckUnansweredError('CHECK_URL_REFUSED', `${shown} ${why}`);
}

function unusable(text: string): CheckUnansweredError {
  return new CheckUnansweredError('CHECK_CREDENTIAL', text);
}
