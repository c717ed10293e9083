import { limits } from '@flotilla/shared/base';
import { type Origin, problem, type RenderProblem } from './source-object.ts';
import { readYaml } from './yaml.ts';

/** A file of manifests. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One document of a file: its value, or what is wrong with it. Documents without content are left out. */
export type DocumentReading =
  | { readonly kind: 'value'; readonly value: unknown; readonly origin: Origin }
  | { readonly kind: 'problem'; readonly problem: RenderProblem };

/**
 * Reads the documents of a YAML or JSON file one by one, split where kubectl splits them: at lines that consist of `---`
 * and perhaps a comment. Values that JSON cannot carry exactly are problems.
 */
export function* readDocuments(file: ManifestFile): Generator<DocumentReading> {
  const text = decode(file);
  if (text === undefined) {
    const origin = { path: file.path, document: 1 };
    yield { kind: 'problem', problem: problem('NotText', 'is not UTF-8 text', { origin }) };
    return;
  }
  let document = 0;
  for (const part of splitDocuments(text)) {
    if (isEmpty(part.text)) continue;
    document += 1;
    const reading = readDocument(part, { path: file.path, document });
    if (reading !== undefined) yield reading;
  }
}

interface Part {
  readonly text: string;
  /** Lines of the file before it. */
  readonly linesBefore: number;
}

function decode(file: ManifestFile): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.bytes).replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}

function* splitDocuments(text: string): Generator<Part> {
  const separator = /^---[ \t]*(?:#.*)?$/gm;
  let start = 0;
  let linesBefore = 0;
  for (const match of text.matchAll(separator)) {
    const part = text.slice(start, match.index);
    yield { text: part, linesBefore };
    linesBefore += countLines(part) + 1;
    start = match.index + match[0].length + 1;
  }
  yield { text: text.slice(start), linesBefore };
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Only white space and comments. */
function isEmpty(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#|$)/.test(line));
}

function readDocument(part: Part, origin: Origin): DocumentReading | undefined {
  const reading = readYaml(part.text);
  if (!reading.ok) {
    const line = reading.line === undefined ? undefined : part.linesBefore + reading.line;
    return { kind: 'problem', problem: problem('YamlBroken', reading.text, { origin, line }) };
  }
  if (reading.value === null || reading.value === undefined) return undefined;
  const flaw = findFlaw(reading.value, 0);
  if (flaw !== undefined) return { kind: 'problem', problem: problem('ValueRefused', flaw, { origin }) };
  return { kind: 'value', value: reading.value, origin };
}

/** What JSON cannot carry exactly, or what would be dangerous to carry. */
function findFlaw(value: unknown, depth: number): string | undefined {
  if (depth > limits.manifestDepthMax) return `is nested deeper than ${limits.manifestDepthMax} levels`;
  if (typeof value === 'number') return findNumberFlaw(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return findFirst(value, (item) => findFlaw(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return 'has a value that JSON cannot carry (binary, set or map tag)';
  return findFirst(Object.entries(value), ([key, item]) => {
    if (key === '__proto__') return 'has a key __proto__';
    return findFlaw(item, depth + 1);
  });
}

function findNumberFlaw(value: number): string | undefined {
  if (!Number.isFinite(value)) return `has the number ${value}, which JSON does not know`;
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return `has the number ${value}, too large to be carried exactly: quote it`;
  return undefined;
}

function findFirst<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
