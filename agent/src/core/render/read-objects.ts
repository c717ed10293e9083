import { limits } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import { isRecord } from '../health/fields.ts';
import { kustomizationNames } from './choose-files.ts';
import { type ManifestFile, readDocuments } from './read-documents.ts';
import { type Origin, problem, type RenderProblem, type SourceObject } from './source-object.ts';

/** What a set of files holds. All problems are found at once; more than limits.renderProblemsMax are counted only. */
export interface ObjectReading {
  readonly objects: readonly SourceObject[];
  readonly problems: readonly RenderProblem[];
}

/**
 * Reads manifests into objects, in order. Yields after each document so that the caller can let other work go on: a
 * thousand documents take about a second.
 */
export function* readObjects(files: readonly ManifestFile[]): Generator<undefined, ObjectReading> {
  const objects: SourceObject[] = [];
  const problems = problemList();
  let bytes = 0;
  for (const file of files) {
    for (const reading of readDocuments(file)) {
      if (reading.kind === 'problem') problems.add(reading.problem);
      else for (const one of unfold(reading.value, reading.origin)) accept(one);
      yield;
      if (objects.length > limits.objectsPerAssignmentMax || bytes > limits.renderedBytesMax)
        return { objects: [], problems: [...problems.all(), tooMuch(objects.length)] };
    }
  }
  return { objects, problems: problems.all() };

  function accept(one: SourceObject | RenderProblem): void {
    if (!('object' in one)) {
      problems.add(one);
      return;
    }
    const size = bytesOf(JSON.stringify(one.object));
    bytes += size;
    if (size <= limits.objectBytesMax) objects.push(one);
    else
      problems.add(
        problem(
          'ObjectTooLarge',
          `${nameOf(one.object)} has ${size} bytes; at most ${limits.objectBytesMax} are applied`,
          { origin: one.origin },
        ),
      );
  }
}

/** Of UTF-8: a character may have four. */
function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

const encoder = new TextEncoder();

function tooMuch(count: number): RenderProblem {
  const text =
    count > limits.objectsPerAssignmentMax
      ? `more than ${limits.objectsPerAssignmentMax} objects: split the placement`
      : `more than ${limits.renderedBytesMax} bytes of objects: split the placement`;
  return problem('RenderTooLarge', text);
}

/** Collects problems up to the bound and counts the rest. */
function problemList(): { add(one: RenderProblem): void; all(): readonly RenderProblem[] } {
  const kept: RenderProblem[] = [];
  let more = 0;
  return {
    add(one) {
      if (kept.length < limits.renderProblemsMax) kept.push(one);
      else more += 1;
    },
    all: () => (more === 0 ? kept : [...kept, problem('MoreProblems', `and ${more} more problems`)]),
  };
}

/** One object, or the items of a list: kubectl takes everything with `items` apart, whatever its kind. */
function unfold(value: unknown, origin: Origin): readonly (SourceObject | RenderProblem)[] {
  if (!isRecord(value))
    return [problem('NotAnObject', 'is not a Kubernetes object: it is no mapping', { origin })];
  if (isKustomization(value, origin)) return [];
  const { items } = value;
  if (!Array.isArray(items)) return [toObject(value, origin)];
  return items.flatMap((item: unknown) =>
    isRecord(item) ? unfold(withListKind(item, value), origin) : unfold(item, origin),
  );
}

/** Kustomize's own files are no objects: between plain manifests they are passed over, as everybody's tools do. */
function isKustomization(value: Fields, origin: Origin): boolean {
  const { apiVersion } = value;
  if (typeof apiVersion === 'string') return apiVersion.startsWith('kustomize.config.k8s.io/');
  return kustomizationNames.includes(origin.path.slice(origin.path.lastIndexOf('/') + 1));
}

type Fields = { readonly [name: string]: unknown };

/** Items of a typed list may leave their kind to it: RoleList holds Roles. */
function withListKind(item: Fields, list: Fields): Fields {
  const listKind = typeof list['kind'] === 'string' ? list['kind'] : '';
  const kind = listKind.endsWith('List') ? listKind.slice(0, -'List'.length) : '';
  if (item['kind'] !== undefined || kind === '') return item;
  return { apiVersion: list['apiVersion'], kind, ...item };
}

function toObject(value: Fields, origin: Origin): SourceObject | RenderProblem {
  const { apiVersion, kind, metadata } = value;
  const at = { origin };
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return problem('NotAnObject', 'is not a Kubernetes object: apiVersion is missing', at);
  if (typeof kind !== 'string' || kind === '')
    return problem('NotAnObject', 'is not a Kubernetes object: kind is missing', at);
  if (!isRecord(metadata)) return problem('NotAnObject', `${kind} has no metadata`, at);
  const { name, namespace, generateName } = metadata;
  if (typeof name !== 'string' || name === '') {
    const why =
      generateName === undefined
        ? 'has no metadata.name'
        : 'has generateName, but applied objects need a name';
    return problem('NameMissing', `${kind} ${why}`, at);
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    return problem('NamespaceBroken', `${kind} ${name} has a metadata.namespace that is not text`, at);
  // Every field that KubeObject promises has just been checked; the rest is carried as it is.
  return { object: { ...value, apiVersion, kind, metadata: { ...metadata, name } } as KubeObject, origin };
}

function nameOf(object: KubeObject): string {
  return `${object.kind} ${object.metadata.name}`;
}
