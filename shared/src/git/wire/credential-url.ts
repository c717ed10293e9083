/** Who a credential is and where it may be sent. */
export interface CredentialPlace {
  readonly name: string;
  /** Scheme, host and port of the only server that may see it; with a path, only repositories at or below that path. */
  readonly url: string;
}

/**
 * Why a credential is not sent to a repository, as a sentence without secrets; undefined when it may be. Scheme, host and
 * port must be equal, so that a secret never travels to another server nor from https down to http; a path counts by whole
 * segments, and `.git` at an end does not matter. Pure.
 */
export function credentialRefusal(credential: CredentialPlace, repositoryUrl: string): string | undefined {
  const bound = URL.parse(credential.url);
  const wanted = URL.parse(repositoryUrl);
  if (bound === null || wanted === null)
    return `credential ${credential.name} names no server that it is for`;
  const isSamePlace = bound.protocol === wanted.protocol && bound.host === wanted.host;
  if (isSamePlace && isBelow(bound.pathname, wanted.pathname)) return undefined;
  const place = `${bound.protocol}//${bound.host}${bound.pathname.replace(/\/+$/, '')}`;
  const shown = `${wanted.protocol}//${wanted.host}${wanted.pathname}`;
  return `credential ${credential.name} is for ${place} and is not sent to ${shown}`;
}

function isBelow(place: string, path: string): boolean {
  const folder = place.replace(/\/+$/, '').replace(/\.git$/, '');
  if (folder === '') return true;
  // A server may read an encoded slash or backslash as one, and so leave the folder again.
  if (/%2f|%5c/i.test(path)) return false;
  const repository = path.replace(/\/+$/, '').replace(/\.git$/, '');
  return repository === folder || repository.startsWith(`${folder}/`);
}
