import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Json } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import { decodeRecord, encodeRecord } from './record.ts';

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** On every Secret of the store: `record`, or which record's part it is. */
export const stateLabel = 'flotilla.dev/state';
/** The key of a record, on its head. */
export const keyAnnotation = 'flotilla.dev/state-key';
/** Which life of an agent wrote it last. */
export const writerAnnotation = 'flotilla.dev/state-writer';
export const secretKind = { group: '', version: 'v1', kind: 'Secret' } as const;
/** A Secret holds at most 1 MiB (MaxSecretSize, core/v1); the record before the newest stands beside it. */
export const inlineBytesMax = 256 * 1024;
/** Bytes of a part of a long record. */
export const chunkBytes = 512 * 1024;

/** A Secret that is the head of a record, as it was read. */
export interface Head {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly writer: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Where the bytes of a record are. */
export interface Place {
  readonly generation: string;
  /** Secrets that hold them; 0 = the head itself. */
  readonly chunks: number;
}

/** One Secret of the store. */
export function secretOf(
  namespace: string,
  name: string,
  parts: {
    readonly kind: string;
    readonly annotations: Readonly<Record<string, string>>;
    readonly data: Readonly<Record<string, string>>;
  },
): KubeObject {
  const { kind, annotations, data } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { [stateLabel]: kind }, annotations },
    type: 'flotilla.dev/state',
    data,
  };
}

/** What the head has keeps beside the new record: not what stands in further Secrets, which go. */
export function previousOf(before: Head | undefined): { readonly previous?: string } {
  const previous = before?.data['newest'];
  return previous === undefined || previous === '' ? {} : { previous };
}

/** Names of Secrets have no slashes, and keys no bound that a name has. */
export function nameOf(key: string): string {
  return `flotilla-state-${digestOf(key)}`;
}

/** Value of the label on the parts of one key. */
export function chunkKind(key: string): string {
  return `part-${digestOf(key)}`;
}

/** Name of a part. */
export function chunkName(key: string, { generation }: Place, index: number): string {
  return `${nameOf(key)}-${generation}-${index}`;
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** A place as the head keeps it. */
export function encodePlace({ generation, chunks }: Place): string {
  return Buffer.from(`${generation} ${chunks}`).toString('base64');
}

/** Undefined = torn. */
export function parsePlace(text: string | undefined): Place | undefined {
  const match = /^([0-9a-f]{8}) (\d{1,4})$/.exec(Buffer.from(text ?? '', 'base64').toString('latin1'));
  return match === null ? undefined : { generation: match[1] ?? '', chunks: Number(match[2]) };
}

/** The data of a Secret; base64. */
export function dataOf(secret: KubeObject | undefined): Readonly<Record<string, string>> {
  // The API server gives data as base64 texts by name, or leaves it out.
  return (secret?.['data'] ?? {}) as Readonly<Record<string, string>>;
}

/** A record, compressed. */
export async function packRecord(value: Json): Promise<Buffer> {
  return await zip(encodeRecord(value));
}

/** A record out of its parts in base64; undefined when one is missing or it is torn. */
export async function unpackRecord(
  parts: readonly (string | undefined)[],
): Promise<{ readonly value: Json } | undefined> {
  if (parts.some((part) => part === undefined)) return undefined;
  try {
    return decodeRecord(await unzip(Buffer.concat(parts.map((part) => Buffer.from(part ?? '', 'base64')))));
  } catch {
    // Torn: not what gzip wrote.
    return undefined;
  }
}
