import { promisify } from 'node:util';
import { constants, deflate, deflateSync, inflateSync, type ZlibOptions } from 'node:zlib';
import type { GitId } from '../../base/index.ts';
import { type GitObject, isObjectType } from '../git-object.ts';
import { hashObject, objectHeader } from '../hash-object.ts';
import { formatOf } from '../object-format.ts';

const deflateAside = promisify(deflate);
/** Below this, compressing takes less time than handing it to another thread. */
const inlineBytesMax = 16_384;
/** Fastest, because what is stored is small text; with an output buffer that fits, because most of it is tiny. */
function compression(bytes: number): ZlibOptions {
  return { level: constants.Z_BEST_SPEED, chunkSize: Math.min(bytes + 64, inlineBytesMax) };
}

/** An object as Git stores it on disk: header and content, deflated. */
export async function encodeLooseObject(object: GitObject): Promise<Buffer> {
  const bytes = Buffer.concat([Buffer.from(objectHeader(object.type, object.data.length)), object.data]);
  return bytes.length <= inlineBytesMax
    ? deflateSync(bytes, compression(bytes.length))
    : deflateAside(bytes, compression(bytes.length));
}

/** Reads it back; undefined unless it inflates within the bound and hashes to the id it is stored under. */
export function decodeLooseObject(id: GitId, stored: Buffer, bytesMax: number): GitObject | undefined {
  const bytes = inflateWithin(stored, bytesMax);
  const end = bytes?.indexOf(0) ?? -1;
  if (bytes === undefined || end < 0) return undefined;
  const [, type, size] = /^(commit|tree|blob|tag) ([0-9]+)$/.exec(bytes.toString('latin1', 0, end)) ?? [];
  if (!isObjectType(type)) return undefined;
  const data = bytes.subarray(end + 1);
  if (Number(size) !== data.length || hashObject(type, data, formatOf(id)) !== id) return undefined;
  return { id, type, data };
}

function inflateWithin(stored: Buffer, bytesMax: number): Buffer | undefined {
  try {
    return inflateSync(stored, { maxOutputLength: bytesMax });
  } catch {
    return undefined;
  }
}
