import type { Buffer } from 'node:buffer';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type GitId, limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { addressJudge } from './address-guard.ts';
import type { Advertisement } from './advertisement.ts';
import { credentialRefusal } from './credential-url.ts';
import { openService } from './open-service.ts';
import type { ProtocolVersion } from './pack-service.ts';
import type { Packet } from './pkt-line.ts';
import type { FetchLimits, RemoteSettings } from './remote-settings.ts';
import { isAddress, parseRemoteUrl } from './remote-url.ts';

/** One repository on one server, with its kept-alive connections. Close it when the Source goes away. */
export interface Remote extends AsyncDisposable {
  /** For people: without secrets, as given. */
  readonly url: string;
  close(): Promise<void>;
  /** For the functions of this folder. */
  readonly wire: RemoteWire;
}

/** A bare repository on disk that keeps what the depth-1 rung fetched, so that the next fetch is small. */
export interface DepthOneRepository {
  readonly gitdir: string;
  /** Packs and their bytes; when there are too many, the repository is made anew. */
  packs: number;
  packBytes: number;
}

/** What the functions of this folder use of a remote. */
export interface RemoteWire {
  readonly limits: FetchLimits;
  readonly scratchFolder: string;
  /** What the server says of itself in v2; asked once, and again after `forgetOnFailure`. */
  advertisement(signal: AbortSignal): Promise<Advertisement>;
  /** Asks anew, in the given protocol. */
  advertise(version: ProtocolVersion, signal: AbortSignal): Promise<Advertisement>;
  uploadPack(version: ProtocolVersion, body: Buffer, signal: AbortSignal): AsyncIterable<Packet>;
  /** Passes a piece of work through; when it fails, what the server can do is asked anew before the next. */
  forgetOnFailure<T>(work: Promise<T>): Promise<T>;
  /** Requests made so far: over HTTP, or runs of a command over SSH. */
  requests(): number;
  /** Rungs that the server refused, with the monotonic time of it in milliseconds. */
  readonly refusals: Map<string, number>;
  /** The commit that the rung `filtered` fetched last: the next one brings what changed since. */
  readonly filtered: { last: GitId | undefined };
  /** The depth-1 rung's repository, made when that rung is first used. */
  readonly depthOne: {
    current: DepthOneRepository | undefined;
    /** Settles when the fetch that uses the repository now is done. */
    lastTurn: Promise<void>;
  };
}

/** Time-outs when the settings name none. */
const defaultTimeouts = { totalMs: 300_000, idleMs: 30_000 };

/**
 * Checks the settings and makes a remote; connects on first use. Throws GIT_URL_REFUSED, GIT_ADDRESS_REFUSED,
 * GIT_CREDENTIAL_ELSEWHERE when the credential is for another place than the url, and GIT_CREDENTIAL_UNFIT when it is of a
 * kind that the url has no use for.
 */
export function openRemote(settings: RemoteSettings): Remote {
  const listed = settings.allowPlainHttpHosts ?? [];
  const url = parseRemoteUrl(settings.url, listed);
  const shownUrl = url.shown;
  const { credential } = settings;
  const refusal = credential === undefined ? undefined : credentialRefusal(credential, shownUrl);
  if (refusal !== undefined) throw new GitError('GIT_CREDENTIAL_ELSEWHERE', refusal);
  const judge = addressJudge({ loopbackHosts: new Set(listed), deniedRanges: settings.deniedRanges ?? [] });
  const denial = isAddress(url.hostname) ? judge(url.hostname, url.hostname) : undefined;
  if (denial !== undefined)
    throw new GitError('GIT_ADDRESS_REFUSED', `${shownUrl} is not connected to: ${denial}`);
  const service = openService(settings, {
    url,
    judge,
    timeouts: { ...defaultTimeouts, ...settings.timeouts },
  });
  let known: Advertisement | undefined;
  const depthOne: RemoteWire['depthOne'] = { current: undefined, lastTurn: Promise.resolve() };
  async function close(): Promise<void> {
    service.close();
    await depthOne.lastTurn;
    const repository = depthOne.current;
    depthOne.current = undefined;
    if (repository !== undefined) await rm(repository.gitdir, { recursive: true, force: true });
  }
  return {
    url: shownUrl,
    close,
    [Symbol.asyncDispose]: close,
    wire: {
      limits: fetchLimits(settings.limits),
      scratchFolder: settings.scratchFolder ?? tmpdir(),
      async advertisement(signal) {
        if (known !== undefined) return known;
        const advertisement = await service.advertise('v2', signal);
        // A v0 advertisement is the ref list itself, which is out of date a moment later.
        if (advertisement.protocol === 'v2') known = advertisement;
        return advertisement;
      },
      advertise: service.advertise,
      uploadPack: service.uploadPack,
      async forgetOnFailure(work) {
        try {
          return await work;
        } catch (caught) {
          known = undefined;
          throw caught;
        }
      },
      requests: service.requests,
      refusals: new Map(),
      filtered: { last: undefined },
      depthOne,
    },
  };
}

function fetchLimits(given: Partial<FetchLimits> | undefined): FetchLimits {
  return {
    packBytesMax: limits.packBytesMax,
    inflatedBytesMax: limits.inflatedBytesMax,
    packObjectsMax: limits.packObjectsMax,
    objectBytesMax: limits.fileBytesMax,
    refsMax: limits.refsMax,
    ...given,
  };
}
