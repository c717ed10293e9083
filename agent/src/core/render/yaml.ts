/**
 * The one file that knows the `yaml` library. The option set reads scalars as kubectl does (sigs.k8s.io/yaml on a YAML 1.1
 * parser): `no` is false, `017` is 15, dates stay text.
 */
import {
  Document,
  type DocumentOptions,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseDocument,
  Scalar,
  type SchemaOptions,
  type Tags,
  visit,
} from 'yaml';

/** A value read from YAML, or the first mistake in the text. */
export type YamlReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly text: string; readonly line: number | undefined };

/** Octal numbers of YAML 1.2 (`0o17`), which Go's parser reads besides those of 1.1. */
const octal = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT0O',
  test: /^[-+]?0o[0-7_]+$/,
  resolve: (text: string) => {
    const digits = text.replace(/^[-+]?0o/, '').replaceAll('_', '');
    return Number.parseInt(digits, 8) * (text.startsWith('-') ? -1 : 1);
  },
};

/** `!!binary` is text in base64; bytes that are not UTF-8 cannot become JSON. */
const binary = {
  tag: 'tag:yaml.org,2002:binary',
  resolve(text: string, onError: (message: string) => void): string {
    try {
      const bytes = Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      onError('!!binary is not UTF-8 text in base64');
      return '';
    }
  },
};

function kubectlTags(tags: Tags): Tags {
  const kept = tags.filter((one) => typeof one === 'string' || !(isTimeTag(one) || one.tag === binary.tag));
  return [octal, binary, ...kept];
}

function isTimeTag(one: { readonly tag: string; readonly format?: string }): boolean {
  return one.tag === 'tag:yaml.org,2002:timestamp' || one.format === 'TIME';
}

const options: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  uniqueKeys: true,
  customTags: kubectlTags,
  // Errors are made by us, with the file's own line numbers.
  prettyErrors: false,
  logLevel: 'silent',
};

/** Reads one document. Aliases are resolved up to the library's bound, so that an alias bomb is an error. */
export function readYaml(text: string): YamlReading {
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { ...options, lineCounter });
    const mistake = document.errors[0] ?? document.warnings[0];
    if (mistake !== undefined)
      return { ok: false, text: mistake.message, line: lineCounter.linePos(mistake.pos[0]).line };
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    // toJS throws on alias bombs, the composer on nesting that exceeds the stack.
    return { ok: false, text: error instanceof Error ? error.message : String(error), line: undefined };
  }
}

/** With its own tag for `<<` the library writes every such key plain. */
const withoutMerge = {
  merge: false,
  customTags: (tags: Tags) =>
    kubectlTags(tags).filter((one) => (typeof one === 'string' ? one !== 'merge' : one.tag !== mergeTag)),
};
const mergeTag = 'tag:yaml.org,2002:merge';

/** One value as a document that readYaml() and kubectl read as the same value. */
export function writeYaml(value: unknown): string {
  const document = new Document(value, { ...options, ...withoutMerge, aliasDuplicateObjects: false });
  visit(document, {
    Pair: (_at, { key }) => {
      // Plain it would merge what is below it.
      if (isScalar(key) && key.value === '<<') key.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
