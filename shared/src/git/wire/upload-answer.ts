import { type GitId, parseGitId } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { type Packet, packetText } from './pkt-line.ts';
import { remoteText } from './remote-text.ts';

/** The part of a `fetch` answer that comes before the pack. */
export interface UploadAnswer {
  /** Commits whose parents the server left out. */
  readonly shallows: readonly GitId[];
  /** The pack's bytes; throws GIT_TRUNCATED_PACK when they end early, GIT_REMOTE_ERROR when the server gives up. */
  readonly pack: AsyncIterable<Buffer>;
}

/**
 * Reads the sections of a v2 `fetch` answer to a request that said `done` (gitprotocol-v2): shallow-info, wanted-refs,
 * then the pack in side-band-64k. Throws GIT_REFUSED when the server will not serve what was wanted.
 */
export async function readUploadAnswer(
  packets: AsyncIterable<Packet>,
  shownUrl: string,
): Promise<UploadAnswer> {
  const iterator = packets[Symbol.asyncIterator]();
  try {
    const shallows = await readShallows(iterator, shownUrl);
    return { shallows, pack: unband(iterator, shownUrl) };
  } catch (caught) {
    await iterator.return?.();
    throw caught;
  }
}

/** Everything up to the line `packfile`; of it only the shallow commits matter here. */
async function readShallows(iterator: AsyncIterator<Packet>, shownUrl: string): Promise<GitId[]> {
  const shallows: GitId[] = [];
  for (;;) {
    const next = await iterator.next();
    if (next.done === true)
      throw new GitError('GIT_TRUNCATED_PACK', `the answer of ${shownUrl} holds no pack`);
    const line = packetText(next.value);
    if (line === undefined) continue;
    if (line.startsWith('ERR ')) throw remoteError(line.slice(4), shownUrl);
    if (line === 'packfile') return shallows;
    const shallow = line.startsWith('shallow ') ? parseGitId(line.slice(8)) : undefined;
    if (shallow?.ok === true) shallows.push(shallow.value);
  }
}

/** Takes the pack out of its bands: 1 is the pack, 2 progress, 3 the server's last words. */
export async function* unband(iterator: AsyncIterator<Packet>, shownUrl: string): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const next = await nextPacket(iterator, shownUrl);
      if (next === undefined) throw truncatedPack(shownUrl);
      if (next.kind === 'flush') {
        // Reading on to the end of the body lets the connection be used again.
        await iterator.next();
        return;
      }
      if (next.kind !== 'data') continue;
      const band = next.payload[0];
      if (band === 1) yield next.payload.subarray(1);
      else if (band === 3) throw remoteError(next.payload.toString('utf8', 1), shownUrl);
      else if (band !== 2) throw bandError(next.payload, shownUrl);
    }
  } finally {
    await iterator.return?.();
  }
}

/** Within the pack, an answer that was cut off is a truncated pack: that is what it means for whoever reads it. */
async function nextPacket(iterator: AsyncIterator<Packet>, shownUrl: string): Promise<Packet | undefined> {
  try {
    const next = await iterator.next();
    return next.done === true ? undefined : next.value;
  } catch (caught) {
    if (caught instanceof GitError && caught.code === 'GIT_TRUNCATED_ANSWER')
      throw truncatedPack(shownUrl, caught);
    throw caught;
  }
}

/** The pack stopped before its end. */
export function truncatedPack(shownUrl: string, cause?: unknown): GitError {
  return new GitError('GIT_TRUNCATED_PACK', `the pack that ${shownUrl} sends ends early`, cause);
}

/** `ERR` may also come in place of a band (gitprotocol-common, error line). */
function bandError(payload: Buffer, shownUrl: string): GitError {
  const text = payload.toString('utf8');
  if (text.startsWith('ERR ')) return remoteError(text.slice(4), shownUrl);
  return new GitError('GIT_PROTOCOL_ERROR', `the pack that ${shownUrl} sends is not in side bands`);
}

/**
 * The protocol gives no codes for a refusal, only words: these are those of Git ("not our ref", "unadvertised object"),
 * JGit ("want … not valid") and libgit2-based servers ("not found").
 */
const refusal = /not our ref|unadvertised object|want [0-9a-f]+ not valid|object [0-9a-f]* ?not found/i;

/** What the server says instead of, or within, its answer. */
export function remoteError(words: string, shownUrl: string): GitError {
  const code = refusal.test(words) ? 'GIT_REFUSED' : 'GIT_REMOTE_ERROR';
  return new GitError(code, `the server of ${shownUrl} says: ${remoteText(words)}`);
}
