import { err, ok, type Result } from '@flotilla/shared/base';
import type { LocatedError, Location } from '../fleet-spec/index.ts';
import { readYaml, type YamlDocument, type YamlPath } from '../fleet-spec/yaml.ts';

/** Names that kustomize looks for, in its order. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** One path that a kustomization file names, relative to its own folder. */
export interface KustomizeReference {
  readonly text: string;
  readonly at: Location;
  /** `entry` may be a folder, a file or a URL; `file` only a file. */
  readonly kind: 'entry' | 'file';
}

/** Fields that list files, folders or (refused) URLs; patchesStrategicMerge and the plug-in lists may also hold inline YAML. */
const entryLists = ['resources', 'bases', 'components', 'generators', 'transformers', 'validators'];
const fileLists = ['crds', 'configurations', 'patchesStrategicMerge'];
/** Lists of mappings whose `path` names a file. */
const pathLists = ['patches', 'patchesJson6902', 'replacements'];
const generatorLists = ['configMapGenerator', 'secretGenerator'];

/** Every path that a kustomization file names. Fails with what makes the file unreadable, located in it. */
export function readKustomization(
  path: string,
  text: string,
): Result<readonly KustomizeReference[], readonly LocatedError[]> {
  const yaml = readYaml({ path, text });
  if (yaml.errors.length > 0) {
    return err(yaml.errors.map((error) => ({ ...error, code: 'BAD_KUSTOMIZATION' as const })));
  }
  const document = yaml.documents[0];
  if (document === undefined) return ok([]);
  if (yaml.documents.length > 1 || !isMapping(document.value)) {
    const why = 'a kustomization file must hold exactly one mapping';
    return err([{ ...document.locate([]), code: 'BAD_KUSTOMIZATION', text: why }]);
  }
  const found = [
    ...entryLists.flatMap((field) => texts(document, [field], 'entry')),
    ...fileLists.flatMap((field) => texts(document, [field], 'file')),
    ...pathLists.flatMap((field) => pathsIn(document, field)),
    ...generatorLists.flatMap((field) => generatorFiles(document, field)),
    ...single(document, ['openapi', 'path']),
  ];
  return ok(found.filter((one) => !one.text.includes('\n')));
}

/** Texts of a list. */
function texts(
  document: YamlDocument,
  path: YamlPath,
  kind: KustomizeReference['kind'],
): readonly KustomizeReference[] {
  const list = valueIn(document.value, path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((text: unknown, index) =>
    typeof text === 'string' ? [{ text, kind, at: document.locate([...path, index]) }] : [],
  );
}

function pathsIn(document: YamlDocument, field: string): readonly KustomizeReference[] {
  return indexes(document, field).flatMap((index) => single(document, [field, index, 'path']));
}

function generatorFiles(document: YamlDocument, field: string): readonly KustomizeReference[] {
  return indexes(document, field).flatMap((index) => [
    // `files` entries may be written as key=path.
    ...texts(document, [field, index, 'files'], 'file').map((one) => ({
      ...one,
      text: one.text.slice(one.text.indexOf('=') + 1),
    })),
    ...texts(document, [field, index, 'envs'], 'file'),
    ...single(document, [field, index, 'env']),
  ]);
}

function single(document: YamlDocument, path: YamlPath): readonly KustomizeReference[] {
  const text = valueIn(document.value, path);
  return typeof text === 'string' ? [{ text, kind: 'file', at: document.locate(path) }] : [];
}

function indexes(document: YamlDocument, field: string): readonly number[] {
  const list = valueIn(document.value, [field]);
  return Array.isArray(list) ? [...list.keys()] : [];
}

function valueIn(value: unknown, path: YamlPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    // Plain data; a step that is not there gives undefined.
    current = (current as { readonly [key: string | number]: unknown })[step];
  }
  return current;
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
