import { limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { type Advertisement, parseAdvertisement } from './advertisement.ts';
import { type CredentialPlace, credentialRefusal } from './credential-url.ts';
import { contentTypeError, statusError } from './http-failure.ts';
import type { Answer, HttpTransport } from './http-transport.ts';
import { type Packet, packetDecoder } from './pkt-line.ts';
import { remoteText } from './remote-text.ts';
import type { RemoteUrl } from './remote-url.ts';

const service = 'git-upload-pack';
const advertisementType = `application/x-${service}-advertisement`;
const resultType = `application/x-${service}-result`;
const refsSuffix = '/info/refs';

/** Which protocol is spoken: v2 by us, v0 only for the depth-1 rung, whose library speaks no other. */
export type ProtocolVersion = 'v2' | 'v0';

/** The two requests of smart HTTP (gitprotocol-http) to one repository. */
export interface SmartHttp {
  /** Asks `info/refs`. A server without v2 answers with v0. */
  advertise(version: ProtocolVersion, signal: AbortSignal): Promise<Advertisement>;
  /** Posts to `git-upload-pack`; the packets of the answer as they come. */
  uploadPack(version: ProtocolVersion, body: Buffer, signal: AbortSignal): AsyncIterable<Packet>;
}

/** What it is made from. */
export interface SmartHttpOptions {
  readonly transport: HttpTransport;
  readonly url: RemoteUrl;
  readonly shownUrl: string;
  /** `Authorization` of every request, if any. Goes to this origin only: no other is ever asked. */
  readonly authorization?: string;
  /** Where that may go on this origin. */
  readonly credential?: CredentialPlace;
  /** Counts requests. */
  onRequest(): void;
}

/** Binds the requests to a repository. A redirect of `info/refs` on the same origin moves the later requests too. */
export function smartHttp(options: SmartHttpOptions): SmartHttp {
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
      const packets = await collectPackets(answer.body, shownUrl);
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

/** Decodes a body. Throws GIT_TRUNCATED_ANSWER and GIT_PROTOCOL_ERROR. */
async function* readPackets(body: AsyncIterable<Buffer>, shownUrl: string): AsyncGenerator<Packet> {
  const decoder = packetDecoder();
  for await (const chunk of body) {
    yield* decoder.push(chunk);
    if (decoder.fault() !== undefined) break;
  }
  const fault = decoder.end();
  if (fault === 'truncated') {
    throw new GitError('GIT_TRUNCATED_ANSWER', `the answer of ${shownUrl} ends within a line`);
  }
  if (fault !== undefined) {
    throw new GitError('GIT_PROTOCOL_ERROR', `the answer of ${shownUrl} is not the git protocol`);
  }
}

async function collectPackets(body: AsyncIterable<Buffer>, shownUrl: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  let bytes = 0;
  for await (const packet of readPackets(body, shownUrl)) {
    bytes += packet.kind === 'data' ? packet.payload.length : 4;
    if (bytes > limits.refListBytesMax) {
      throw new GitError(
        'GIT_TOO_LARGE',
        `the ref list of ${shownUrl} exceeds ${limits.refListBytesMax} bytes`,
      );
    }
    packets.push(packet);
  }
  return packets;
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
