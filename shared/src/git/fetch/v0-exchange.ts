import { type GitId, limits } from '../../base/index.ts';
import { GitError } from '../git-error.ts';
import { type PackSpool, scanPack, spoolPack } from '../pack/index.ts';
import type { Advertisement } from '../wire/advertisement.ts';
import { encodePacket, flushPacket, type Packet, packetText } from '../wire/pkt-line.ts';
import type { Remote } from '../wire/remote.ts';
import { remoteError, truncatedPack, unband } from '../wire/upload-answer.ts';

/**
 * Smart HTTP in protocol v0 for a library that trusts its transport: whatever reaches it was received whole, checked and
 * bounded before. It never sees credentials, and of the server's refs only the one commit that is wanted.
 */

/** Protocol v0 as one server offers it. */
export type V0Server = Extract<Advertisement, { protocol: 'v0' }>;

/** Capabilities without which the answer cannot be read. */
const neededCapabilities = ['shallow', 'side-band-64k'];

/** Asks the server in v0. Throws GIT_PROTOCOL_UNSUPPORTED when it cannot serve a shallow fetch of sha-1 objects. */
export async function v0Server(remote: Remote, signal: AbortSignal): Promise<V0Server> {
  const advertisement = await remote.wire.advertise('v0', signal);
  if (advertisement.protocol !== 'v0') {
    throw new GitError('GIT_PROTOCOL_ERROR', `the server of ${remote.url} answers v2 to a question in v0`);
  }
  if (advertisement.objectFormat !== 'sha1') {
    const text = `${remote.url} is a ${advertisement.objectFormat} repository, which the depth-1 rung cannot read`;
    throw new GitError('GIT_PROTOCOL_UNSUPPORTED', text);
  }
  const lacking = neededCapabilities.filter((name) => !advertisement.capabilities.includes(name));
  if (lacking.length === 0) return advertisement;
  throw new GitError('GIT_PROTOCOL_UNSUPPORTED', `the server of ${remote.url} lacks ${lacking.join(', ')}`);
}

/** An advertisement of one ref, `HEAD` at the wanted commit, with the server's own capabilities. */
export function advertiseCommit(server: V0Server, commit: GitId): Buffer {
  const capabilities = server.capabilities.filter((word) => !word.startsWith('symref=')).join(' ');
  return Buffer.concat([
    encodePacket('# service=git-upload-pack'),
    flushPacket,
    encodePacket(`${commit} HEAD\0${capabilities}`),
    flushPacket,
  ]);
}

/**
 * Adds `thin-pack` to the capabilities of a request, where the server offers it: without it a server sends whole objects
 * again of which we hold all but a few bytes.
 */
export function withThinPack(body: Buffer, server: V0Server): Buffer {
  if (!server.capabilities.includes('thin-pack')) return body;
  const length = Number.parseInt(body.toString('latin1', 0, 4), 16);
  const first = body.toString('utf8', 4, length).trimEnd();
  return Buffer.concat([encodePacket(`${first} thin-pack`), body.subarray(length)]);
}

/** A whole v0 answer, checked. */
export interface V0Answer {
  /** Everything before the pack, as it came: shallow lines and acknowledgements. */
  readonly head: readonly Buffer[];
  readonly pack: PackSpool;
}

/** Posts a request and takes in all of the answer. Throws as `readUploadAnswer` and `spoolPack` do. */
export async function postV0(
  remote: Remote,
  body: Buffer,
  packBytesMax: number,
  signal: AbortSignal,
): Promise<V0Answer> {
  const packets = remote.wire.uploadPack('v0', body, signal)[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  const { url: shownUrl, wire } = remote;
  const spooling = { format: 'sha1', packBytesMax, packObjectsMax: wire.limits.packObjectsMax } as const;
  const pack = await spoolPack(unband(afterHead(packets, head, shownUrl), shownUrl), {
    ...spooling,
    scratchFolder: wire.scratchFolder,
    shownUrl,
  });
  try {
    await scanPack(pack, { format: 'sha1', limits: wire.limits, shownUrl, signal });
  } catch (caught) {
    await pack[Symbol.asyncDispose]();
    throw caught;
  }
  return { head, pack };
}

/** Bytes of pack in one band packet. */
const bandBytes = 60_000;

/** Writes a checked answer once more in side bands, a window at a time. */
export async function* bandedAnswer(answer: V0Answer): AsyncGenerator<Uint8Array> {
  yield* answer.head;
  for (let at = 0; at < answer.pack.size; at += bandBytes) {
    yield encodePacket(Buffer.concat([Buffer.of(1), await answer.pack.read(at, bandBytes)]));
  }
  yield flushPacket;
}

/** Moves everything before the first band into `head`; what is left is bands. */
async function* afterHead(
  packets: AsyncIterator<Packet>,
  head: Buffer[],
  shownUrl: string,
): AsyncGenerator<Packet> {
  let isBanded = false;
  try {
    for (;;) {
      const next = await packets.next();
      if (next.done === true) return;
      isBanded ||= isBand(next.value);
      if (isBanded) yield next.value;
      else head.push(checkedHeadLine(next.value, head.length, shownUrl));
    }
  } finally {
    await packets.return?.();
  }
}

function isBand(packet: Packet): boolean {
  const band = packet.kind === 'data' ? packet.payload[0] : undefined;
  return band === 1 || band === 2 || band === 3;
}

function checkedHeadLine(packet: Packet, count: number, shownUrl: string): Buffer {
  const line = packetText(packet);
  if (line === undefined) return flushPacket;
  if (line.startsWith('ERR ')) throw remoteError(line.slice(4), shownUrl);
  if (count > limits.gitWantsMax) throw truncatedPack(shownUrl);
  return encodePacket(line);
}
