import { limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { parseAdvertisement } from './advertisement.ts';
import { type CredentialPlace, credentialRefusal } from './credential-url.ts';
import { contentTypeError, statusError } from './http-failure.ts';
import type { Answer, HttpTransport } from './http-transport.ts';
import type { PackService, ProtocolVersion } from './pack-service.ts';
import { allPackets, readPackets } from './packet-stream.ts';
import { remoteText } from './remote-text.ts';
import type { HttpUrl } from './remote-url.ts';

const service = 'git-upload-pack';
const advertisementType = `application/x-${service}-advertisement`;
const resultType = `application/x-${service}-result`;
const refsSuffix = '/info/refs';

/** What it is made from. */
export interface SmartHttpOptions {
  readonly transport: HttpTransport;
  readonly url: HttpUrl;
  readonly shownUrl: string;
  /** `Authorization` of every request, if any. Goes to this origin only: no other is ever asked. */
  readonly authorization?: string;
  /** Where that may go on this origin. */
  readonly credential?: CredentialPlace;
  /** Counts requests. */
  onRequest(): void;
}

/** The two requests of smart HTTP (gitprotocol-http), bound to a repository. A redirect of `info/refs` on the same origin moves the later requests too. */
export function smartHttp(options: SmartHttpOptions): PackService {
  const { shownUrl } = options;
  let path = options.url.path;

  function send(
    exchange: { path: string; accept: string; version: ProtocolVersion; body?: Buffer },
    signal: AbortSignal,
  ) {
    options.onRequest();
    const headers = {
      'User-Agent': 'git/flotilla',
      Accept: exchange.accept,
      'Accept-Encoding': 'identity',
      ...(options.authorization === undefined ? {} : { Authorization: options.authorization }),
      ...(exchange.version === 'v2' ? { 'Git-Protocol': 'version=2' } : {}),
      ...(exchange.body === undefined ? {} : { 'Content-Type': `application/x-${service}-request` }),
    };
    const method = exchange.body === undefined ? 'GET' : 'POST';
    const body = exchange.body === undefined ? {} : { body: exchange.body };
    return options.transport.send({ method, path: exchange.path, headers, ...body }, signal);
  }

  async function followingRedirects(version: ProtocolVersion, signal: AbortSignal): Promise<Answer> {
    let target = `${path}${refsSuffix}?service=${service}`;
    for (let hops = 0; hops <= limits.gitRedirectsMax; hops += 1) {
      const answer = await send({ path: target, accept: advertisementType, version }, signal);
      if (!isRedirect(answer)) {
        const end = target.indexOf(refsSuffix);
        if (hops > 0 && end > 0) path = target.slice(0, end);
        return answer;
      }
      answer[Symbol.dispose]();
      target = redirectTarget(answer, target, options);
    }
    throw new GitError(
      'GIT_REDIRECT_REFUSED',
      `${shownUrl} redirects more than ${limits.gitRedirectsMax} times`,
    );
  }

  return {
    async advertise(version, signal) {
      using answer = await followingRedirects(version, signal);
      checkAnswer(answer, advertisementType, shownUrl);
      const packets = await allPackets(readPackets(answer.body, shownUrl), shownUrl);
      const parsed = parseAdvertisement(packets);
      if (!parsed.ok) throw new GitError(parsed.error.code, `${shownUrl}: ${parsed.error.text}`);
      return parsed.value;
    },
    async *uploadPack(version, body, signal) {
      using answer = await send({ path: `${path}/${service}`, accept: resultType, version, body }, signal);
      if (isRedirect(answer)) {
        throw new GitError(
          'GIT_REDIRECT_REFUSED',
          `${shownUrl} redirects a request with a body (${answer.status})`,
        );
      }
      checkAnswer(answer, resultType, shownUrl);
      yield* readPackets(answer.body, shownUrl);
    },
  };
}

function checkAnswer(answer: Answer, wantedType: string, shownUrl: string): void {
  if (answer.status !== 200) throw statusError(shownUrl, answer.status);
  const type = answer.contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== wantedType) throw contentTypeError(shownUrl, answer.contentType);
}

function isRedirect(answer: Answer): boolean {
  return [301, 302, 303, 307, 308].includes(answer.status);
}

/** Where a redirect leads: on the same origin and where the credential may go, for our trust ends at what was named. */
function redirectTarget(answer: Answer, from: string, options: SmartHttpOptions): string {
  const { shownUrl } = options;
  const target = URL.parse(answer.location ?? '', `${options.url.origin}${from}`);
  if (target === null) throw new GitError('GIT_REDIRECT_REFUSED', `${shownUrl} redirects to nowhere`);
  if (target.origin !== options.url.origin) {
    const text = `${shownUrl} redirects from ${options.url.origin} to ${remoteText(target.origin)}; use that url if you trust it`;
    throw new GitError('GIT_REDIRECT_REFUSED', text);
  }
  const repository = `${target.origin}${target.pathname.split(refsSuffix)[0] ?? ''}`;
  const refusal = options.credential && credentialRefusal(options.credential, repository);
  if (refusal !== undefined)
    throw new GitError('GIT_REDIRECT_REFUSED', `${shownUrl} redirects, and ${remoteText(refusal)}`);
  return `${target.pathname}${target.search}`;
}
