import { formatSshUrl, isSshUrl, parseSshUrl } from '../../model/index.ts';

/** Who a credential is and where it may be sent. */
export interface CredentialPlace {
  readonly name: string;
  /** Scheme, host and port of the only server that may see it; with a path, only repositories at or below that path. */
  readonly url: string;
}

/**
 * Why a credential is not sent to a repository, as a sentence without secrets; undefined when it may be. Scheme, host and
 * port must be equal, so that a secret never travels to another server nor from https down to http; over SSH the user too
 * where the credential names one. A path counts by whole segments, and `.git` at an end does not matter. Pure.
 */
export function credentialRefusal(credential: CredentialPlace, repositoryUrl: string): string | undefined {
  const bound = placeOf(credential.url);
  const wanted = placeOf(repositoryUrl);
  if (bound === undefined || wanted === undefined)
    return `credential ${credential.name} names no server that it is for`;
  const isSameUser = bound.user === '' || bound.user === wanted.user;
  const isSamePlace = bound.scheme === wanted.scheme && bound.host === wanted.host && isSameUser;
  if (isSamePlace && isBelow(bound.path, wanted.path)) return undefined;
  const place = shownPlace(bound).replace(/\/+$/, '');
  return `credential ${credential.name} is for ${place} and is not sent to ${shownPlace(wanted)}`;
}

interface Place {
  readonly scheme: string;
  /** Only over SSH; empty when the URL names none. */
  readonly user: string;
  /** With its port unless that is the scheme's own. */
  readonly host: string;
  readonly path: string;
}

function placeOf(text: string): Place | undefined {
  if (isSshUrl(text)) return sshPlaceOf(text);
  const url = URL.parse(text);
  return url === null ? undefined : { scheme: url.protocol, user: '', host: url.host, path: url.pathname };
}

/** The server alone, as a credential may name it, has no path that could be read. */
function sshPlaceOf(text: string): Place | undefined {
  const isServer = /^ssh:\/\/[^/]*\/?$/i.test(text);
  const read = parseSshUrl(isServer ? `${text.replace(/\/$/, '')}/x` : text);
  if (!read.ok) return undefined;
  const namesUser = /^(?:ssh:\/\/)?[^/]*@/i.test(text);
  const [, host = '', path = ''] = /^ssh:\/\/[^@]+@([^/]+)(\/.*)$/s.exec(formatSshUrl(read.value)) ?? [];
  return { scheme: 'ssh:', user: namesUser ? read.value.user : '', host, path: isServer ? '/' : path };
}

function shownPlace({ scheme, user, host, path }: Place): string {
  return `${scheme}//${user === '' ? '' : `${user}@`}${host}${path}`;
}

function isBelow(place: string, path: string): boolean {
  const folder = place.replace(/\/+$/, '').replace(/\.git$/, '');
  if (folder === '') return true;
  // A server may read an encoded slash or backslash as one, and so leave the folder again.
  if (/%2f|%5c/i.test(path)) return false;
  const repository = path.replace(/\/+$/, '').replace(/\.git$/, '');
  return repository === folder || repository.startsWith(`${folder}/`);
}
