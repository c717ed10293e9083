import {
  assert,
  type Clock,
  FlotillaError,
  type Json,
  limits,
  type Random,
  stableJson,
} from '@flotilla/shared/base';
import { type Logger, randomUid } from '@flotilla/shared/kit';
import {
  appendConditionally,
  askAgain,
  ensureStream,
  followStream,
  lastOf,
  type StoredMessage,
  type StreamSettings,
} from '@flotilla/shared/kit/jetstream';
import type { Bus } from '@flotilla/shared/kit/nats';
import type { Bucket, BucketEntry } from '../../ports.ts';

/** The hub's buckets. */
export const bucketNames = {
  clusters: 'flotilla-clusters',
  tokens: 'flotilla-tokens',
  meta: 'flotilla-meta',
} as const;

/** A key or a stored value that cannot be. */
export class BucketError extends FlotillaError {
  override readonly name = 'BucketError';
}

/** What a bucket is opened with. */
export interface BucketOptions {
  /** A connection to account HUB. */
  readonly bus: Bus;
  /** One of bucketNames. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Copies of the bucket when it is made here. */
  readonly replicas: number;
  /** How long a read or a write is tried before it rejects. */
  readonly deadlineMs: number;
}

/** Older values kept of a key, so that a write whose answer was lost is found even when others wrote after it. */
const history = 8;
const tryMs = 5_000;
/** Header of NATS buckets that marks a message as a deletion. */
const operationHeader = 'KV-Operation';
/** Finds our own write when its answer was lost. */
const writeIdHeader = 'Flotilla-Write-Id';
/** Keys as NATS buckets allow them. */
const keyPattern = /^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$/;

/** Opens a bucket, making it unless it exists. Rejects with StreamMismatchError when it has other settings. */
export async function openBucket(options: BucketOptions, signal: AbortSignal): Promise<Bucket> {
  const place: Place = { ...options, stream: `KV_${options.name}`, prefix: `$KV.${options.name}.` };
  await ensureStream(options.bus, bucketStream(place), signal);
  return {
    async get(key, signal) {
      const found = await newestOf(place, subjectOf(place, key), signal);
      return found === undefined || isDeletion(found) ? undefined : entryOf(place, found);
    },
    put: (key, value, expectedRevision, signal) =>
      write(place, { key, data: stableJson(value), headers: {}, expectedRevision }, signal),
    async remove(key, expectedRevision, signal) {
      assert(expectedRevision > 0, 'only a key that exists is removed');
      const deletion = { key, data: '', headers: { [operationHeader]: 'DEL' }, expectedRevision };
      return (await write(place, deletion, signal)) !== undefined;
    },
    list: (signal) => list(place, signal),
    watch: (signal) => watch(place, signal),
  };
}

interface Place extends BucketOptions {
  readonly stream: string;
  readonly prefix: string;
}

function bucketStream({ stream, prefix, replicas }: Place): StreamSettings {
  return {
    name: stream,
    subjects: [`${prefix}>`],
    replicas,
    messagesPerSubjectMax: history,
    messageBytesMax: limits.busMessageBytesMax,
    bytesMax: -1,
    ageMaxMs: 0,
    whenFull: 'refuse-new',
    allowRollup: true,
    allowAtomic: false,
    allowDirect: false,
    acknowledges: true,
    denyDelete: true,
    denyPurge: false,
  };
}

interface Write {
  readonly key: string;
  readonly data: string;
  readonly headers: { readonly [name: string]: string };
  readonly expectedRevision: number;
}

/** The new revision; undefined when the key is not at the expected one. */
async function write(
  place: Place,
  { key, data, headers, expectedRevision }: Write,
  signal: AbortSignal,
): Promise<number | undefined> {
  signal.throwIfAborted();
  const subject = subjectOf(place, key);
  const expectedSeq =
    expectedRevision > 0 ? expectedRevision : await revisionOfNothing(place, subject, signal);
  if (expectedSeq === undefined) return undefined;
  const writeId = randomUid();
  const settled = await appendConditionally(
    [{ subject, data, expectedSeq, headers: { ...headers, [writeIdHeader]: writeId } }],
    {
      ...place,
      timeoutMs: tryMs,
      isOurs: (stored) => stored.header(writeIdHeader) === writeId,
    },
    signal,
  );
  return settled.kind === 'stored' ? settled.seqs[0] : undefined;
}

/** What the subject of a key that does not exist must be at: nothing, or the mark of its deletion. Undefined = it exists. */
async function revisionOfNothing(
  place: Place,
  subject: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const last = await newestOf(place, subject, signal);
  if (last === undefined) return 0;
  return isDeletion(last) ? last.seq : undefined;
}

/** Waits as long as a write while the server is away. */
async function newestOf(
  place: Place,
  subject: string,
  signal: AbortSignal,
): Promise<StoredMessage | undefined> {
  return await askAgain(() => lastOf(place.bus, place.stream, subject), place, signal);
}

async function list(place: Place, signal: AbortSignal): Promise<readonly BucketEntry[]> {
  const entries = new Map<string, BucketEntry>();
  for await (const one of follow(place, signal)) {
    if ('kind' in one) break;
    if (isDeletion(one)) entries.delete(keyOf(place, one.subject));
    else entries.set(keyOf(place, one.subject), entryOf(place, one));
  }
  return [...entries.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
}

async function* watch(place: Place, signal: AbortSignal): ReturnType<Bucket['watch']> {
  for await (const one of follow(place, signal)) {
    if ('kind' in one) yield one;
    else if (!isDeletion(one)) yield entryOf(place, one);
    else yield { key: keyOf(place, one.subject), value: undefined, revision: one.seq };
  }
}

function follow(place: Place, signal: AbortSignal): ReturnType<typeof followStream> {
  return followStream({ ...place, start: { kind: 'last-values' }, onLost: 'fail' }, signal);
}

function isDeletion(message: StoredMessage): boolean {
  const operation = message.header(operationHeader);
  return operation === 'DEL' || operation === 'PURGE';
}

function subjectOf({ prefix, name }: Place, key: string): string {
  if (keyPattern.test(key)) return prefix + key;
  throw new BucketError(`key ${JSON.stringify(key.slice(0, 80))} of bucket ${name} is malformed`, {
    code: 'BUCKET_KEY',
    retry: 'never',
  });
}

function keyOf({ prefix }: Place, subject: string): string {
  assert(subject.startsWith(prefix), 'a bucket holds only subjects of its own');
  return subject.slice(prefix.length);
}

function entryOf(place: Place, message: StoredMessage): BucketEntry {
  const key = keyOf(place, message.subject);
  try {
    // What JSON.parse gives is Json.
    const value = JSON.parse(new TextDecoder().decode(message.data)) as Json;
    return { key, value, revision: message.seq };
  } catch (cause) {
    throw new BucketError(`key ${key} of bucket ${place.name} holds no JSON`, {
      code: 'BUCKET_VALUE',
      retry: 'never',
      cause,
    });
  }
}
