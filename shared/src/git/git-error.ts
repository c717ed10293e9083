import { FlotillaError, type RetryAdvice } from '../base/index.ts';

/**
 * Every way in which Git work fails, with what a person does about it. Users see the code, so each has one meaning.
 *
 * | code | meaning | what to do |
 * |---|---|---|
 * | GIT_URL_REFUSED | the URL is neither https (or listed plain http) nor SSH, carries a password, or is no URL | fix the Source's url; put credentials in a credential file |
 * | GIT_ADDRESS_REFUSED | the host resolves to a loopback, link-local, metadata or denied address | use the public name, or change plain-http-hosts (this machine) or denied-ranges in the settings |
 * | GIT_CREDENTIAL_ELSEWHERE | the credential is for another server, port, scheme or path than the URL | correct the URL, or the url of the credential if it may go there |
 * | GIT_CREDENTIAL_UNFIT | an SSH URL without an SSH key, or an SSH key for another URL | name a credential of the kind that the URL wants |
 * | GIT_SSH_KEY | the private key cannot be read: it is none, or has a passphrase | put a key without a passphrase into ssh-privatekey |
 * | GIT_HOST_KEY | the SSH server shows a key that known_hosts does not pin | ask whoever runs the server for its host key; when it is the one shown, put it into known_hosts |
 * | GIT_UNREACHABLE | name lookup, connection or transfer failed | look at the network, DNS and proxy between here and the host |
 * | GIT_PROXY | the proxy cannot be reached, wants a password or opens no way to the server | look at git-proxy and no-proxy, and at what the proxy allows |
 * | GIT_TLS | the server's certificate is not trusted or does not match | give the right CA bundle for the Source |
 * | GIT_TIMEOUT | no answer within the deadline | look at the server's health; raise the time-outs for a slow server |
 * | GIT_UNAUTHORIZED | HTTP 401, or an SSH login that is refused | check that the credential exists under its name and is not expired |
 * | GIT_FORBIDDEN | HTTP 403 | give the credential read access to the repository |
 * | GIT_NOT_FOUND | HTTP 404 or 410 | check the URL; many hosts answer 404 when the credential lacks access |
 * | GIT_RATE_LIMITED | HTTP 429 | wait, or poll less often |
 * | GIT_SERVER_ERROR | HTTP 5xx | look at the Git server's logs |
 * | GIT_HTTP_STATUS | any other HTTP status | check that the URL is a Git repository |
 * | GIT_REDIRECT_REFUSED | redirect to another host, scheme or port, or too many redirects | put the final URL in the Source |
 * | GIT_HTML_ANSWER | an HTML page instead of Git data | usually a login page or captive portal: check URL and credential |
 * | GIT_CONTENT_TYPE | an answer that is neither Git data nor HTML | check that the URL is served by a smart HTTP Git server |
 * | GIT_EMPTY_ADVERTISEMENT | the server answered with nothing at all | look at the Git server's logs; nothing is changed by it here |
 * | GIT_EMPTY_REPOSITORY | the repository has no refs | push a first commit; nothing is changed by it here |
 * | GIT_REF_MISSING | the repository has no such branch or tag, or its name says two things | push it again, or follow another one |
 * | GIT_PROTOCOL_UNSUPPORTED | the server lacks protocol v2 or a capability that is needed | update the Git server |
 * | GIT_PROTOCOL_ERROR | bytes that are not the Git protocol | look for a proxy that rewrites answers |
 * | GIT_TRUNCATED_ANSWER | the answer ended in the middle of a line | usually a proxy or server that gave up; tried again |
 * | GIT_TRUNCATED_PACK | the pack ended early | as above |
 * | GIT_CORRUPT_PACK | checksum, structure or an object's id is wrong | run `git fsck` on the server |
 * | GIT_BASE_MISSING | the pack builds on objects that are neither in it nor held here | asked again without deltas; run `git fsck` on the server if it stays |
 * | GIT_TOO_LARGE | pack, inflated size, object count or refs beyond a limit | split the repository, or remove what does not belong in it |
 * | GIT_SIGNATURE | a source asks for signed commits, and no signer signed this one | sign it (`git commit -S`) with a key of the signers, or add the key to the Source's verify.signers |
 * | GIT_REFUSED | the server refuses to send an object, or does not have it | check that the commit is still on the server |
 * | GIT_REMOTE_ERROR | the server reported an error in words | read the words |
 * | GIT_OBJECT_MISSING | an object is not in the local store | fetched again by whoever needs it |
 * | GIT_CORRUPT_OBJECT | an object with the right id that is no valid commit or tree | run `git fsck` on the server |
 * | GIT_STORE_FAILED | the folder of the local store cannot be read or written | look at disk space and permissions |
 */
export type GitErrorCode =
  | 'GIT_URL_REFUSED'
  | 'GIT_ADDRESS_REFUSED'
  | 'GIT_CREDENTIAL_ELSEWHERE'
  | 'GIT_CREDENTIAL_UNFIT'
  | 'GIT_SSH_KEY'
  | 'GIT_HOST_KEY'
  | 'GIT_UNREACHABLE'
  | 'GIT_PROXY'
  | 'GIT_TLS'
  | 'GIT_TIMEOUT'
  | 'GIT_UNAUTHORIZED'
  | 'GIT_FORBIDDEN'
  | 'GIT_NOT_FOUND'
  | 'GIT_RATE_LIMITED'
  | 'GIT_SERVER_ERROR'
  | 'GIT_HTTP_STATUS'
  | 'GIT_REDIRECT_REFUSED'
  | 'GIT_HTML_ANSWER'
  | 'GIT_CONTENT_TYPE'
  | 'GIT_EMPTY_ADVERTISEMENT'
  | 'GIT_EMPTY_REPOSITORY'
  | 'GIT_REF_MISSING'
  | 'GIT_PROTOCOL_UNSUPPORTED'
  | 'GIT_PROTOCOL_ERROR'
  | 'GIT_TRUNCATED_ANSWER'
  | 'GIT_TRUNCATED_PACK'
  | 'GIT_CORRUPT_PACK'
  | 'GIT_BASE_MISSING'
  | 'GIT_TOO_LARGE'
  | 'GIT_SIGNATURE'
  | 'GIT_REFUSED'
  | 'GIT_REMOTE_ERROR'
  | 'GIT_OBJECT_MISSING'
  | 'GIT_CORRUPT_OBJECT'
  | 'GIT_STORE_FAILED';

/** Codes that stay wrong until somebody changes a setting; all others may heal by themselves. */
const permanent: ReadonlySet<GitErrorCode> = new Set([
  'GIT_URL_REFUSED',
  'GIT_REDIRECT_REFUSED',
  'GIT_PROTOCOL_UNSUPPORTED',
  'GIT_TOO_LARGE',
  'GIT_SIGNATURE',
]);

/** What a person does about each, as a clause that ends the sentence they are shown. */
const advice: { readonly [code in GitErrorCode]: string } = {
  GIT_URL_REFUSED: 'fix the url; credentials belong in a credential file',
  GIT_ADDRESS_REFUSED:
    'use the public name, or change plain-http-hosts (this machine) or denied-ranges in the settings',
  GIT_CREDENTIAL_ELSEWHERE: 'correct the url, or the url of the credential if it may go there',
  GIT_CREDENTIAL_UNFIT: 'name a credential of the kind that the url wants',
  GIT_SSH_KEY: 'put a key without a passphrase into ssh-privatekey',
  GIT_HOST_KEY:
    'ask whoever runs the server for its host key; when it is the one shown, put it into known_hosts',
  GIT_UNREACHABLE: 'look at the network, DNS and proxy between here and the host',
  GIT_PROXY: 'look at git-proxy and no-proxy, and at what the proxy allows',
  GIT_TLS: 'give the right CA bundle',
  GIT_TIMEOUT: "look at the Git server's health, or allow a slow one more time",
  GIT_UNAUTHORIZED: 'check that the credential exists under its name and has not expired',
  GIT_FORBIDDEN: 'give the credential read access to the repository',
  GIT_NOT_FOUND:
    'check the URL, and that the credential may read the repository: many hosts answer 404 to those who may not',
  GIT_RATE_LIMITED: 'wait, or look less often',
  GIT_SERVER_ERROR: "look at the Git server's logs",
  GIT_HTTP_STATUS: 'check that the URL is a Git repository',
  GIT_REDIRECT_REFUSED: 'write the final URL',
  GIT_HTML_ANSWER: 'check URL and credential: it is usually a login page or a captive portal',
  GIT_CONTENT_TYPE: 'check that the URL is served by a smart HTTP Git server',
  GIT_EMPTY_ADVERTISEMENT: "look at the Git server's logs",
  GIT_EMPTY_REPOSITORY: 'push a commit',
  GIT_REF_MISSING: 'push the branch or tag again, or follow another one',
  GIT_PROTOCOL_UNSUPPORTED: 'update the Git server',
  GIT_PROTOCOL_ERROR: 'look for a proxy that rewrites answers',
  GIT_TRUNCATED_ANSWER: 'it is tried again; when it stays, look for a proxy or server that gives up early',
  GIT_TRUNCATED_PACK: 'it is tried again; when it stays, look for a proxy or server that gives up early',
  GIT_CORRUPT_PACK: 'run git fsck on the server',
  GIT_BASE_MISSING: 'it is asked again without deltas; when it stays, run git fsck on the server',
  GIT_TOO_LARGE: 'split the repository, or remove what does not belong in it',
  GIT_SIGNATURE: 'sign a commit with a key of the signers, or add its key to them',
  GIT_REFUSED: 'check that the commit is still on the server',
  GIT_REMOTE_ERROR: "do what the server's words say",
  GIT_OBJECT_MISSING: 'it is fetched again by whoever needs it',
  GIT_CORRUPT_OBJECT: 'run git fsck on the server',
  GIT_STORE_FAILED: 'look at disk space and permissions',
};

/** A failed Git operation. Messages name the repository's URL without secrets. */
export class GitError extends FlotillaError {
  override readonly name = 'GitError';
  declare readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, cause?: unknown) {
    super(message, { code, retry: retryAdvice(code), advice: advice[code], cause });
  }
}

/** True for a GitError, of the given code when one is named. */
export function isGitError(caught: unknown, code?: GitErrorCode): caught is GitError {
  return caught instanceof GitError && (code === undefined || caught.code === code);
}

function retryAdvice(code: GitErrorCode): RetryAdvice {
  return permanent.has(code) ? 'never' : 'backoff';
}
