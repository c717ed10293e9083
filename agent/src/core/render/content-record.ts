import type { Digest, GitId, Json, Result } from '@flotilla/shared/base';
import { err, ok, parseDigest, parseGitId } from '@flotilla/shared/base';
import type { IgnoreRule, KubeObject } from '@flotilla/shared/model';
import { fieldAt, isRecord, listAt, textAt } from '../health/fields.ts';
import type { SourceObject } from './source-object.ts';

/** Format of the stored record; raised when rendering changes its meaning, so that old content is rendered anew. */
const format = 1;

/** How the objects of a content are placed: kept with it, because a newer row may want another content elsewhere. */
export interface ContentOptions {
  readonly namespace: string | undefined;
  readonly createNamespace: boolean;
  readonly ignore: readonly IgnoreRule[];
}

/** The last known good content of an assignment: enough to go on with Git away. */
export interface ContentRecord {
  readonly variantDigest: Digest;
  readonly commit: GitId;
  readonly options: ContentOptions;
  readonly objects: readonly SourceObject[];
}

/** The content as the state store keeps it. */
export function encodeContent(record: ContentRecord): Json {
  return {
    format,
    variantDigest: record.variantDigest,
    commit: record.commit,
    options: {
      namespace: record.options.namespace,
      createNamespace: record.options.createNamespace,
      // Rules of the model are JSON.
      ignore: record.options.ignore as unknown as Json,
    },
    // KubeObject is JSON: read from files and checked to carry nothing else.
    objects: record.objects.map(({ object, origin }) => ({
      object: object as unknown as Json,
      path: origin.path,
      document: origin.document,
    })),
  };
}

/** Reads stored content; the error says why it cannot be used, which only means that it is rendered anew. */
export function parseContent(value: Json): Result<ContentRecord, string> {
  const variantDigest = parseDigest(textAt(value, ['variantDigest']));
  const commit = parseGitId(textAt(value, ['commit']));
  const items = fieldAt(value, 'objects');
  if (fieldAt(value, 'format') !== format) return err('stored content is of another format');
  if (!variantDigest.ok || !commit.ok || !Array.isArray(items)) return err('stored content is malformed');
  const objects = items.flatMap(parseSource);
  if (objects.length !== items.length || objects.length === 0)
    return err('stored content has a malformed object');
  const options = parseOptions(fieldAt(value, 'options'));
  return ok({ variantDigest: variantDigest.value, commit: commit.value, options, objects });
}

function parseOptions(value: unknown): ContentOptions {
  const namespace = textAt(value, ['namespace']);
  return {
    namespace: namespace === '' ? undefined : namespace,
    createNamespace: fieldAt(value, 'createNamespace') === true,
    ignore: listAt(value, 'ignore').flatMap(parseIgnore),
  };
}

function parseIgnore(value: unknown): readonly IgnoreRule[] {
  const names = ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector'] as const;
  const target = fieldAt(value, 'target');
  const given = names.filter((name) => typeof fieldAt(target, name) === 'string');
  const pointers = listAt(value, 'pointers').filter((item) => typeof item === 'string');
  return [{ target: Object.fromEntries(given.map((name) => [name, textAt(target, [name])])), pointers }];
}

function parseSource(item: unknown): readonly SourceObject[] {
  const object = fieldAt(item, 'object');
  const document = fieldAt(item, 'document');
  const isWhole =
    isRecord(object) &&
    textAt(object, ['apiVersion']) !== '' &&
    textAt(object, ['kind']) !== '' &&
    textAt(object, ['metadata', 'name']) !== '';
  if (!isWhole || typeof document !== 'number') return [];
  // Every field that KubeObject promises has just been checked.
  return [{ object: object as unknown as KubeObject, origin: { path: textAt(item, ['path']), document } }];
}
