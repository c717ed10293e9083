import { describeError, limits } from '@flotilla/shared/base';
import { beginReading } from './convert/index.ts';
import { readIgnoreFile } from './ignore-file.ts';
import { kindReader, kinds, specVersion } from './kinds.ts';
import { compareLocated, type DocumentName, type LocatedError } from './located-error.ts';
import type { ControlFile, ParsedFile, SpecDocument } from './model.ts';
import { didYouMean, nearest } from './nearest.ts';
import { locateIssues } from './schema/index.ts';
import { readYaml, type YamlDocument } from './yaml.ts';

/** Text that a file of ours holds somewhere, in YAML or JSON; what does not have it need not be parsed. */
const mark = /["']?apiVersion["']?\s*:\s*["']?flotilla\.dev\//;
const group = 'flotilla.dev/';
/** Kinds that hardly anybody else has: such a document without any apiVersion is a slip, not somebody else's. */
const slip = /^kind\s*:\s*["']?(Placement|RolloutStrategy|FleetPolicy|ChangeWindow|ClusterGroup)["']?\s*$/m;

/**
 * Parses one file by itself: all its mistakes at once. Other Kubernetes YAML is not ours and never a mistake, unless
 * `wasOurs` (its previous state is in force) and it is no YAML any more, or an apiVersion reads like a misspelt one of ours.
 */
export function parseControlFile(file: ControlFile, wasOurs: boolean): ParsedFile {
  const notOurs: ParsedFile = { path: file.path, isOurs: false, documents: [], errors: [] };
  const isMarked = wasOurs || mark.test(file.text);
  if (!isMarked && !slip.test(file.text)) return notOurs;
  const size = file.text.length;
  if (size > limits.controlFileBytesMax) {
    const text = `the file has ${size} characters, more than ${limits.controlFileBytesMax}; split it`;
    return broken(file, [{ file: file.path, line: 1, column: 1, code: 'LIMIT', text }]);
  }
  const yaml = readYaml(file);
  if (yaml.errors.length > 0) return isMarked ? broken(file, yaml.errors) : notOurs;
  const ours = yaml.documents.filter((one) => isOurs(one.value) || (wasOurs && isMisspelt(one.value)));
  if (ours.length === 0) return notOurs;
  const read = ours.map(readDocument);
  const errors = read.flatMap((one) => (Array.isArray(one) ? one : [])).sort(compareLocated);
  if (errors.length > 0) return broken(file, errors);
  const documents = read.filter((one): one is SpecDocument => !Array.isArray(one));
  return { path: file.path, isOurs: true, documents, errors: [] };
}

/** The same of a file's bytes: one in force that is no UTF-8 text is a mistake, any other is not ours. */
export function parseControlBytes(path: string, bytes: Uint8Array, wasOurs: boolean): ParsedFile {
  try {
    return parseControlFile({ path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }, wasOurs);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const text = `the file is not UTF-8 text: ${describeError(error)}`;
    const mistake = { file: path, line: 1, column: 1, code: 'YAML_SYNTAX', text } as const;
    return { path, isOurs: wasOurs, documents: [], errors: wasOurs ? [mistake] : [] };
  }
}

function isOurs(value: unknown): boolean {
  const apiVersion = fieldOf(value, 'apiVersion');
  if (typeof apiVersion === 'string') return apiVersion.startsWith(group) && !isListed(value);
  return apiVersion === undefined && slip.test(`kind: ${textField(value, 'kind') ?? ''}`);
}

/**
 * What `flotilla get clusters -o json` prints has our apiVersion, and may lie beside tests: it is what was, no rule. Any other
 * list stays a mistake, because somebody may think that its items count.
 */
function isListed(value: unknown): boolean {
  const items = fieldOf(value, 'items');
  if (!/^(?:Cluster)?List$/.test(textField(value, 'kind') ?? '') || !Array.isArray(items)) return false;
  return items.every((one) => textField(one, 'kind') === 'Cluster' && fieldOf(one, 'status') !== undefined);
}

/** `flotila.dev/v1alpha1` for one of our kinds: taken for somebody else's, the document would count as taken out. */
function isMisspelt(value: unknown): boolean {
  const [typed = '', version] = (apiVersionOf(value) ?? '').split('/');
  const isOurKind = kindReader(textField(value, 'kind') ?? '') !== undefined;
  return isOurKind && version !== undefined && nearest(typed, [group.slice(0, -1)]) !== undefined;
}

function broken(file: ControlFile, errors: readonly LocatedError[]): ParsedFile {
  return { path: file.path, isOurs: true, documents: [], errors };
}

function readDocument(yaml: YamlDocument): SpecDocument | readonly LocatedError[] {
  const document = nameOf(yaml.value);
  const apiVersion = apiVersionOf(yaml.value);
  if (apiVersion === undefined) {
    const text = `apiVersion is required; write apiVersion: ${specVersion}`;
    return [{ ...yaml.locate(['kind']), code: 'MISSING_FIELD', text, document }];
  }
  if (apiVersion !== specVersion) {
    const text = `apiVersion ${apiVersion} is not known here; this program reads ${specVersion}`;
    return [{ ...yaml.locate(['apiVersion']), code: 'UNKNOWN_VERSION', text, document }];
  }
  const reader = kindReader(document.kind);
  if (reader === undefined) {
    const near = didYouMean(document.kind, Object.keys(kinds));
    const text = `${JSON.stringify(document.kind)} is not a kind of ${specVersion}${near}`;
    return [{ ...yaml.locate(['kind']), code: 'UNKNOWN_KIND', text, document }];
  }
  const reading = beginReading(yaml, document);
  const read = reader.read(yaml.value, reading);
  if ('kind' in read) return reading.errors.length > 0 ? reading.errors : read;
  return locateIssues(yaml, reader.schema, read).map((error) => ({ ...error, document }));
}

function apiVersionOf(value: unknown): string | undefined {
  return textField(value, 'apiVersion');
}

function nameOf(value: unknown): DocumentName {
  return {
    kind: textField(value, 'kind') ?? '',
    name: textField(fieldOf(value, 'metadata'), 'name') ?? '',
  };
}

function textField(value: unknown, field: string): string | undefined {
  const found = fieldOf(value, field);
  return typeof found === 'string' ? found : undefined;
}

function fieldOf(value: unknown, field: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
  // An own property of a plain value.
  return (value as { readonly [name: string]: unknown })[field];
}

/** Which paths may hold flotilla.dev documents: `*.yaml`, `*.yml`, `*.json` that `.flotillaignore` does not name. Sorted. */
export function controlPaths(paths: Iterable<string>, flotillaIgnore: string | undefined): readonly string[] {
  const isIgnored = readIgnoreFile(flotillaIgnore);
  return [...paths].filter((path) => /\.(ya?ml|json)$/i.test(path) && !isIgnored(path)).sort();
}
