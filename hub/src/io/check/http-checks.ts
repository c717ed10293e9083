import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { limits } from '@flotilla/shared/base';
import { addressJudge, guardedLookup } from '@flotilla/shared/git';
import type { BoundCredential } from '@flotilla/shared/model';
import type { CheckAsked, CheckPort, CheckReply } from '../../ports.ts';
import { CheckUnansweredError } from './check-error.ts';
import { bearerFor, type CheckPlace, checkPlace } from './check-place.ts';

/** Which hosts may be asked how, and where credentials come from: as for Git. */
export interface HttpChecksSettings {
  /** Loopback hosts to which plain http is allowed. */
  readonly allowPlainHttpHosts: readonly string[];
  /** Address ranges never connected to, beyond what is always denied. */
  readonly deniedRanges: readonly string[];
  /** The credential mounted under a name; undefined when there is none. */
  readonly credentialOf: (name: string, signal: AbortSignal) => Promise<BoundCredential | undefined>;
}

/** Asks over HTTP(S), on a connection of its own each time: questions are rare. */
export function httpChecks(settings: HttpChecksSettings): CheckPort {
  const { allowPlainHttpHosts, credentialOf, deniedRanges } = settings;
  const judge = addressJudge({ loopbackHosts: new Set(allowPlainHttpHosts), deniedRanges });
  const lookup = guardedLookup(judge);
  return {
    async ask(asked, signal) {
      signal.throwIfAborted();
      const place = checkPlace(asked.url, { allowPlainHttpHosts, judge });
      const authorization = await authorizationOf(asked, place, credentialOf, signal);
      const deadline = AbortSignal.timeout(asked.timeoutMs);
      try {
        return await exchange(asked, { place, authorization, lookup }, AbortSignal.any([signal, deadline]));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof CheckUnansweredError) throw error;
        if (deadline.aborted) {
          const text = `${place.shown} did not answer within ${asked.timeoutMs} ms`;
          throw new CheckUnansweredError('CHECK_TIMEOUT', text);
        }
        throw new CheckUnansweredError('CHECK_UNREACHABLE', `${place.shown} cannot be asked`, error);
      }
    },
  };
}

async function authorizationOf(
  { credential: name }: CheckAsked,
  place: CheckPlace,
  credentialOf: HttpChecksSettings['credentialOf'],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  try {
    return bearerFor(place, name, await credentialOf(name, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CheckUnansweredError) throw error;
    throw new CheckUnansweredError('CHECK_CREDENTIAL', `credential ${name} cannot be read`, error);
  }
}

interface Way {
  readonly place: CheckPlace;
  readonly authorization: string | undefined;
  readonly lookup: LookupFunction;
}

async function exchange(asked: CheckAsked, way: Way, signal: AbortSignal): Promise<CheckReply> {
  const body = Buffer.from(asked.body);
  const send = way.place.url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(way.place.url, {
    method: 'POST',
    agent: false,
    lookup: way.lookup,
    signal,
    headers: {
      'User-Agent': 'flotilla-hub',
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      ...(way.authorization === undefined ? {} : { Authorization: way.authorization }),
    },
  });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      // Stays on: what comes after the head is told by the body's reader, too.
      request.on('error', reject);
      request.end(body);
    });
    return {
      status: response.statusCode ?? 0,
      retryAfterMs: secondsOf(response.headers['retry-after']),
      body: await readBody(response, way.place),
    };
  } finally {
    request.destroy();
  }
}

async function readBody(response: IncomingMessage, { shown }: CheckPlace): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    // A response without an encoding set yields buffers.
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes > limits.checkReplyBytesMax) {
      const text = `${shown} answers with more than ${limits.checkReplyBytesMax} bytes`;
      throw new CheckUnansweredError('CHECK_REPLY_TOO_LARGE', text);
    }
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^[0-9]{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}
