import { limits } from '@flotilla/shared/base';
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Range,
  type ScalarTag,
  type Tags,
  type YAMLError,
} from 'yaml';
import { compareLocated, type LocatedError, type Location } from './located-error.ts';
import type { ControlFile } from './model.ts';

/** A way into a document: keys of mappings, indexes of sequences. */
export type YamlPath = readonly (string | number)[];

/** One document of a file, and where its parts are. */
export interface YamlDocument {
  /** Plain values, as kubectl reads them (YAML 1.1: `no` is false, `017` is 15, dates stay text). */
  readonly value: unknown;
  /** Where the value at a path stands; for a missing one, where the mapping around it begins. */
  locate(path: YamlPath): Location;
  /** Where a key of the mapping at `path` stands. */
  locateKey(path: YamlPath, key: string): Location;
}

/** The documents of a file that hold something, or why it is not YAML. Not both. */
export interface YamlFile {
  readonly documents: readonly YamlDocument[];
  readonly errors: readonly LocatedError[];
}

/** Reads a file of YAML documents; JSON is YAML too. Wraps the library `yaml`. */
export function readYaml(file: ControlFile): YamlFile {
  const lines = new LineCounter();
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file: file.path, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const parsed = parseAllDocuments(file.text, {
    version: '1.1',
    schema: 'yaml-1.1',
    merge: true,
    uniqueKeys: true,
    prettyErrors: false,
    customTags: kubectlTags,
    lineCounter: lines,
  });
  // An empty stream gives an empty list with an error list of its own; it holds nothing.
  if (!Array.isArray(parsed)) return { documents: [], errors: [] };
  const errors = parsed.flatMap((one) =>
    one.errors.map((error) => ({ ...at(error.pos[0]), ...textOf(error) })),
  );
  if (errors.length > 0) return { documents: [], errors: firstCause(errors) };
  return toValues(parsed, at);
}

/** Once the parser lost its way, what it says further on follows from that: the first such error stands for all. */
function firstCause(errors: readonly LocatedError[]): readonly LocatedError[] {
  const [first] = errors.filter(({ code }) => code === 'YAML_SYNTAX').sort(compareLocated);
  return first === undefined ? errors : [first];
}

function toValues(parsed: readonly Document.Parsed[], at: (offset: number) => Location): YamlFile {
  const documents: YamlDocument[] = [];
  const errors: LocatedError[] = [];
  for (const document of parsed) {
    if (document.contents === null) continue;
    const start = at(startOf(document.contents) ?? 0);
    try {
      documents.push(view(document, document.toJS({ maxAliasCount: limits.yamlAliasesMax }), at));
    } catch (error) {
      // The library throws ReferenceError on too many or unresolved aliases.
      const why = error instanceof Error ? error.message : String(error);
      errors.push({
        ...start,
        code: 'YAML_SYNTAX',
        text: `aliases of this document cannot be followed: ${why}`,
      });
    }
  }
  return errors.length > 0 ? { documents: [], errors } : { documents, errors };
}

/** YAML 1.1 as Kubernetes reads it: octals of both spellings, no dates, no base-60 numbers. */
function kubectlTags(tags: Tags): Tags {
  const octal: ScalarTag = {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^0o[0-7]+$/,
    resolve: (text: string) => Number.parseInt(text.slice(2), 8),
  };
  const kept = tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !(tag.tag === 'tag:yaml.org,2002:timestamp' || ('format' in tag && tag.format === 'TIME')),
  );
  return [octal, ...kept];
}

function textOf(error: YAMLError): Pick<LocatedError, 'code' | 'text'> {
  const text = error.message.replace(/\s+/g, ' ').slice(0, 300);
  if (error.code === 'DUPLICATE_KEY') {
    return { code: 'DUPLICATE_KEY', text: 'this key stands twice in one mapping; remove one of them' };
  }
  return { code: 'YAML_SYNTAX', text: `not valid YAML: ${lowerFirst(text)}` };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function view(document: Document.Parsed, value: unknown, at: (offset: number) => Location): YamlDocument {
  const rootOffset = startOf(document.contents) ?? 0;
  return {
    value,
    locate(path) {
      let node: unknown = document.contents;
      let offset = rootOffset;
      for (const step of path) {
        const next = child(document, node, step);
        if (next === undefined) break;
        offset = startOf(next.value) ?? next.keyOffset ?? offset;
        node = next.value;
      }
      return at(offset);
    },
    locateKey(path, key) {
      let node: unknown = document.contents;
      for (const step of path) node = child(document, node, step)?.value;
      const found = child(document, node, key);
      return found?.keyOffset === undefined ? this.locate(path) : at(found.keyOffset);
    },
  };
}

function child(
  document: Document.Parsed,
  parent: unknown,
  step: string | number,
): { readonly value: unknown; readonly keyOffset: number | undefined } | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const value = node.items[Number(step)];
    return value === undefined ? undefined : { value, keyOffset: startOf(value) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => keyText(item.key) === String(step));
  if (!isPair(pair)) return undefined;
  return { value: pair.value, keyOffset: startOf(pair.key) };
}

function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

function startOf(node: unknown): number | undefined {
  // Parsed nodes carry their range; anything else (a null value) does not.
  const range = (node as Partial<ParsedNode & Node> | null | undefined)?.range as Range | null | undefined;
  return range?.[0];
}
