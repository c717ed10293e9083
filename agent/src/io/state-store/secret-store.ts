import { randomUUID } from 'node:crypto';
import type { Json } from '@flotilla/shared/base';
import { FlotillaError } from '@flotilla/shared/base';
import type { KubeObject, ObjectRef } from '@flotilla/shared/model';
import { KubeError, type KubePort } from '../../kube-port.ts';
import type { StateStore } from '../../ports.ts';
import {
  chunkBytes,
  chunkKind,
  chunkName,
  dataOf,
  encodePlace,
  type Head,
  inlineBytesMax,
  keyAnnotation,
  nameOf,
  type Place,
  packRecord,
  parsePlace,
  previousOf,
  secretKind,
  secretOf,
  stateLabel,
  unpackRecord,
  writerAnnotation,
} from './secret-format.ts';
import { checkStoreKey, damageNotes, keyTurns, StoreCorruptError } from './store-rules.ts';

/** Where the Secrets are. */
export interface SecretStoreOptions {
  readonly kube: KubePort;
  /** The agent's own namespace; it has to be there. */
  readonly namespace: string;
}

const fieldManager = 'flotilla-state';

/**
 * The state store of an agent in a cluster: one Secret for each record, compressed; what is longer than 256 KiB stands in
 * further Secrets, which are written before the head names them and deleted after it names others. The record before the
 * newest is kept as long as it fits the head. Writes are conditional on what was read last: of two agents that keep their
 * state in one namespace the one that lost it is refused with STORE_TAKEN, and must not go on. Rejects with KubeError when
 * the API server cannot be reached.
 */
export function openSecretStore({ kube, namespace }: SecretStoreOptions): StateStore {
  return new SecretStore(kube, namespace);
}

class SecretStore implements StateStore {
  readonly #kube: KubePort;
  readonly #namespace: string;
  /** Of this life of the agent. */
  readonly #writer = randomUUID();
  readonly #heads = new Map<string, Head>();
  readonly #turns = keyTurns();
  readonly #damage = damageNotes();

  constructor(kube: KubePort, namespace: string) {
    this.#kube = kube;
    this.#namespace = namespace;
  }

  get damage(): readonly string[] {
    return this.#damage.notes;
  }

  async read(key: string, signal: AbortSignal): Promise<Json | undefined> {
    signal.throwIfAborted();
    checkStoreKey(key);
    const head = await this.#head(key, signal);
    if (head === undefined) return undefined;
    const newest = await this.#decode(key, head.data, 'newest', signal);
    if (newest !== undefined) return newest.value;
    const previous = await this.#decode(key, head.data, 'previous', signal);
    if (previous === undefined)
      throw new StoreCorruptError(
        `record ${key} and the one before it are unreadable in Secret ${this.#namespace}/${nameOf(key)}`,
        { code: 'STORE_CORRUPT', retry: 'never' },
      );
    this.#damage.note(`record ${key} was torn; the one before it is used`);
    return previous.value;
  }

  async write(key: string, value: Json, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    checkStoreKey(key);
    await this.#turns.take(key, () => this.#write(key, value, signal));
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    checkStoreKey(key);
    await this.#turns.take(key, async () => {
      const head = await this.#head(key, signal);
      if (head === undefined) return;
      // The head first: without it the others are nobody's, and the next write of the key clears them away.
      await this.#delete(this.#refTo(nameOf(key)), head.uid, signal);
      this.#heads.delete(key);
      await this.#clear(key, undefined, signal);
    });
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const heads = await this.#secrets(`${stateLabel}=record`, signal);
    const keys = heads.map((one) => one.metadata.annotations?.[keyAnnotation] ?? '');
    return keys.filter((key) => key !== '' && key.startsWith(prefix)).sort();
  }

  async #write(key: string, value: Json, signal: AbortSignal): Promise<void> {
    const before = this.#heads.get(key) ?? (await this.#head(key, signal));
    const bytes = await packRecord(value);
    const isInline = bytes.length <= inlineBytesMax;
    const place: Place = {
      generation: randomUUID().slice(0, 8),
      chunks: isInline ? 0 : Math.ceil(bytes.length / chunkBytes),
    };
    if (!isInline) await this.#writeChunks(key, place, bytes, signal);
    const newest = isInline ? bytes.toString('base64') : '';
    const data = { newest, place: encodePlace(place), ...previousOf(before) };
    await this.#writeHead(key, data, before, signal);
    if (!isInline || before?.data['newest'] === '') await this.#clear(key, place, signal);
  }

  async #writeHead(
    key: string,
    data: Readonly<Record<string, string>>,
    before: Head | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const annotations = { [keyAnnotation]: key, [writerAnnotation]: this.#writer };
    const secret = secretOf(this.#namespace, nameOf(key), { kind: 'record', annotations, data });
    // Known again once an answer says what is there.
    this.#heads.delete(key);
    try {
      this.#remember(key, await this.#put(secret, before, signal));
    } catch (error) {
      const own = await this.#ownAfterConflict(key, error, signal);
      this.#remember(key, await this.#put(secret, own, signal));
    }
  }

  /** Makes the head, or replaces exactly the one that was read. */
  async #put(secret: KubeObject, before: Head | undefined, signal: AbortSignal): Promise<KubeObject> {
    if (before === undefined) return await this.#kube.create(secret, { fieldManager, dryRun: false }, signal);
    const { resourceVersion } = before;
    return await this.#apply({ ...secret, metadata: { ...secret.metadata, resourceVersion } }, signal);
  }

  /** A conflict is this agent's own write whose answer was lost, which is gone on from, or another agent's. */
  async #ownAfterConflict(key: string, error: unknown, signal: AbortSignal): Promise<Head> {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    const now = await this.#head(key, signal);
    if (now?.writer === this.#writer) return now;
    throw new FlotillaError(
      `record ${key} was written by another agent: two agents keep their state in namespace ${this.#namespace}; stop one of them`,
      { code: 'STORE_TAKEN', retry: 'never', cause: error },
    );
  }

  async #writeChunks(key: string, place: Place, bytes: Buffer, signal: AbortSignal): Promise<void> {
    for (let index = 0; index < place.chunks; index += 1) {
      const part = bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      const annotations = { [keyAnnotation]: key };
      const data = { part: part.toString('base64') };
      await this.#apply(
        secretOf(this.#namespace, chunkName(key, place, index), { kind: chunkKind(key), annotations, data }),
        signal,
      );
    }
  }

  /** Deletes the parts of a key that its head does not name. */
  async #clear(key: string, place: Place | undefined, signal: AbortSignal): Promise<void> {
    const kept = new Set(
      place === undefined
        ? []
        : Array.from({ length: place.chunks }, (_, index) => chunkName(key, place, index)),
    );
    for (const { metadata } of await this.#secrets(`${stateLabel}=${chunkKind(key)}`, signal))
      if (!kept.has(metadata.name))
        await this.#delete(this.#refTo(metadata.name), metadata.uid ?? '', signal);
  }

  async #decode(
    key: string,
    data: Readonly<Record<string, string>>,
    which: 'newest' | 'previous',
    signal: AbortSignal,
  ): Promise<{ readonly value: Json } | undefined> {
    const place = which === 'newest' ? parsePlace(data['place']) : { generation: '', chunks: 0 };
    if (place === undefined) return undefined;
    const parts = place.chunks === 0 ? [data[which]] : await this.#readChunks(key, place, signal);
    return await unpackRecord(parts);
  }

  async #readChunks(
    key: string,
    place: Place,
    signal: AbortSignal,
  ): Promise<readonly (string | undefined)[]> {
    const refs = Array.from({ length: place.chunks }, (_, index) =>
      this.#refTo(chunkName(key, place, index)),
    );
    const secrets = await Promise.all(refs.map((ref) => this.#kube.get(ref, signal)));
    return secrets.map((secret) => dataOf(secret)['part']);
  }

  async #head(key: string, signal: AbortSignal): Promise<Head | undefined> {
    const secret = await this.#kube.get(this.#refTo(nameOf(key)), signal);
    return secret === undefined ? undefined : this.#remember(key, secret);
  }

  #remember(key: string, secret: KubeObject): Head {
    const { uid = '', resourceVersion = '', annotations } = secret.metadata;
    const head = {
      uid,
      resourceVersion,
      writer: annotations?.[writerAnnotation] ?? '',
      data: dataOf(secret),
    };
    this.#heads.set(key, head);
    return head;
  }

  async #secrets(labelSelector: string, signal: AbortSignal): Promise<readonly KubeObject[]> {
    const selection = { kind: secretKind, namespace: this.#namespace, labelSelector, metadataOnly: true };
    return (await this.#kube.list(selection, signal)).items;
  }

  async #apply(secret: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const options = { fieldManager, force: true, dryRun: false, fieldValidation: 'Strict' } as const;
    return await this.#kube.apply(secret, options, signal);
  }

  async #delete(ref: ObjectRef, uid: string, signal: AbortSignal): Promise<void> {
    const options = { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
    await this.#kube.delete(ref, options, signal);
  }

  #refTo(name: string): ObjectRef {
    return { ...secretKind, namespace: this.#namespace, name };
  }
}
