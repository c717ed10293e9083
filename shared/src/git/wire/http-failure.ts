import { describeError, errorCode } from '../../base/index.ts';
import { GitError, type GitErrorCode } from '../git-error.ts';
import { remoteText } from './remote-text.ts';

/** Statuses with a meaning of their own; 5xx and the rest are handled by their class. */
const statusFailures: Readonly<Record<number, { readonly code: GitErrorCode; readonly text: string }>> = {
  401: { code: 'GIT_UNAUTHORIZED', text: 'asks for a credential, or refuses the one given (401)' },
  403: { code: 'GIT_FORBIDDEN', text: 'does not allow this credential to read the repository (403)' },
  404: { code: 'GIT_NOT_FOUND', text: 'knows no such repository, or hides it from this credential (404)' },
  410: { code: 'GIT_NOT_FOUND', text: 'says that the repository is gone (410)' },
  429: { code: 'GIT_RATE_LIMITED', text: 'limits our requests (429)' },
};

/** The error for an answer that is not 200. `url` is shown, so it carries no secret. */
export function statusError(url: string, status: number): GitError {
  const known = statusFailures[status];
  if (known !== undefined) return new GitError(known.code, `the server of ${url} ${known.text}`);
  if (status >= 500) return new GitError('GIT_SERVER_ERROR', `the server of ${url} failed (${status})`);
  return new GitError('GIT_HTTP_STATUS', `the server of ${url} answers ${status}`);
}

/** The error for an answer of another type than Git's. */
export function contentTypeError(url: string, contentType: string): GitError {
  if (/^\s*(text\/html|application\/xhtml)/i.test(contentType)) {
    return new GitError('GIT_HTML_ANSWER', `the server of ${url} answers with a web page, not with git data`);
  }
  const shown = contentType === '' ? 'no content type' : remoteText(contentType);
  return new GitError('GIT_CONTENT_TYPE', `the server of ${url} answers with ${shown}, not with git data`);
}

/** The error for a connection that failed before or within an answer. */
export function connectionError(url: string, caught: unknown): GitError {
  if (caught instanceof GitError) return caught;
  if (isTlsFailure(errorCode(caught))) {
    const text = `the certificate of ${url} is not accepted: ${describeError(caught)}`;
    return new GitError('GIT_TLS', text, caught);
  }
  return new GitError('GIT_UNREACHABLE', `${url} cannot be reached: ${describeError(caught)}`, caught);
}

/** The error for a connection that failed on its way through a proxy: what the proxy says is not what the server says. */
export function throughProxyError(url: string, proxy: string, caught: unknown): GitError {
  if (errorCode(caught) !== 'ERR_PROXY_TUNNEL') {
    const error = connectionError(url, caught);
    if (error.code !== 'GIT_UNREACHABLE') return error;
    return new GitError(
      'GIT_PROXY',
      `${url} cannot be reached through ${proxy}: ${describeError(caught)}`,
      caught,
    );
  }
  const status = caught instanceof Error && 'statusCode' in caught ? Number(caught.statusCode) : Number.NaN;
  if (status === 407) {
    return new GitError('GIT_PROXY', `${proxy} asks for a user and password, or refuses those given (407)`);
  }
  const answer = Number.isInteger(status) ? `answers ${status}` : 'does not answer as a proxy does';
  return new GitError('GIT_PROXY', `${proxy} opens no way to ${url}: it ${answer}`);
}

/** OpenSSL's verification codes as Node names them, and Node's own. */
function isTlsFailure(code: string | undefined): boolean {
  return (
    code !== undefined &&
    /CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|SELF_SIGNED|UNABLE_TO_|^HOSTNAME_MISMATCH$/.test(code)
  );
}
