import { createHash } from 'node:crypto';
import type { GitId } from '../base/index.ts';
import type { ObjectType } from './git-object.ts';
import type { ObjectFormat } from './object-format.ts';

/** The id of an object: the hash of `<type> <size>`, a zero byte, and the content. */
export function hashObject(type: ObjectType, data: Uint8Array, format: ObjectFormat): GitId {
  const digest = createHash(format).update(objectHeader(type, data.length)).update(data).digest('hex');
  // A freshly computed digest has the form of an id.
  return digest as GitId;
}

/** What Git puts before an object's content, both to hash and to store it. */
export function objectHeader(type: ObjectType, size: number): string {
  return `${type} ${size}\0`;
}

/** The id that raw bytes of a tree or delta spell. */
export function idFromBytes(bytes: Uint8Array): GitId {
  // 20 or 32 bytes in lower-case hex are an id by definition.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') as GitId;
}
