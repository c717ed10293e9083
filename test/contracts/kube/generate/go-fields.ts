import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the Go types say about how a field is written to JSON. */
export interface GoFields {
  /** `?` = left out when empty, `^` = always written, '' = a pointer: written as given. */
  flagOf(definition: string, field: string, isStruct: boolean): '' | '?' | '^';
}

interface GoField {
  readonly type: string;
  readonly options: readonly string[];
}

type GoStructs = Map<string, Map<string, GoField>>;

/** The Go packages behind the OpenAPI names. `@` stands for the release. */
const packages: readonly (readonly [prefix: string, folder: string])[] = [
  ['io.k8s.apimachinery.pkg.apis.meta.v1.', 'apimachinery@/pkg/apis/meta/v1'],
  [
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.',
    'apiextensions-apiserver@/pkg/apis/apiextensions/v1',
  ],
  ...['core', 'apps', 'batch', 'networking', 'rbac', 'policy', 'coordination', 'scheduling', 'storage'].map(
    (group) => [`io.k8s.api.${group}.v1.`, `api@/${group}/v1`] as const,
  ),
  ['io.k8s.api.autoscaling.v2.', 'api@/autoscaling/v2'],
];

const structPattern = /^type (\w+) struct \{\n([\s\S]*?)^\}/gm;
const fieldPattern = /^\t(?:(\w+)\s+)?([*[\]\w.]+)\s+`json:"([^"]*)"/;

/** Reads the struct tags of all packages of one release. */
export async function readGoFields(modulesFolder: string, release: string): Promise<GoFields> {
  const structs: GoStructs = new Map();
  for (const [prefix, folder] of packages)
    await readPackage(structs, prefix, join(modulesFolder, folder.replace('@', `@${release}`)));
  return {
    flagOf(definition, field, isStruct) {
      const found = structs.get(definition)?.get(field);
      if (found === undefined)
        return field === 'apiVersion' || field === 'kind' ? '' : missing(definition, field);
      return flagFor(found, isStruct);
    },
  };
}

function missing(definition: string, field: string): never {
  throw new Error(`no Go field was found for ${definition}.${field}`);
}

function flagFor(field: GoField, isStruct: boolean): '' | '?' | '^' {
  if (field.type.startsWith('*')) return '';
  const isOmitted = field.options.includes('omitempty') || field.options.includes('omitzero');
  if (field.options.includes('omitzero')) return '?';
  // encoding/json never leaves a struct out for `omitempty`; Time, Quantity and IntOrString are structs too.
  const isStructValue =
    isStruct || /^(\w+\.)?(Time|MicroTime|Quantity|IntOrString|RawExtension|JSON)$/.test(field.type);
  if (isStructValue) return '^';
  return isOmitted ? '?' : '^';
}

async function readPackage(structs: GoStructs, prefix: string, folder: string): Promise<void> {
  const embedded: [owner: string, inner: string][] = [];
  for await (const file of glob('*.go', { cwd: folder })) {
    if (file.startsWith('zz_') || file.endsWith('_test.go') || file.includes('generated')) continue;
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, name = '', body = ''] of text.matchAll(structPattern)) {
      const fields = new Map<string, GoField>();
      for (const line of body.split('\n')) {
        const [, , type = '', tag] = fieldPattern.exec(line) ?? [];
        if (tag === undefined) continue;
        const [jsonName = '', ...options] = tag.split(',');
        if (jsonName !== '') fields.set(jsonName, { type, options });
        else if (options.includes('inline')) embedded.push([prefix + name, prefix + type.replace('*', '')]);
      }
      structs.set(prefix + name, fields);
    }
  }
  for (let round = 0; round < 3; round += 1)
    for (const [owner, inner] of embedded)
      for (const [field, value] of structs.get(inner) ?? []) structs.get(owner)?.set(field, value);
}
