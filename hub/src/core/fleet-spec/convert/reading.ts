import type { DocumentName, LocatedError, Location, SpecErrorCode } from '../located-error.ts';
import { formatPath } from '../schema/index.ts';
import type { YamlDocument, YamlPath } from '../yaml.ts';

/** One document while it is turned into the model: where its parts are, and what is wrong with it beyond its schema. */
export interface Reading {
  readonly document: DocumentName;
  /** Where the value at a path stands. */
  at(path: YamlPath): Location;
  /** Notes a mistake; `text` follows the field's name. */
  complain(code: SpecErrorCode, path: YamlPath, text: string): void;
  /** Notes something valid that cannot be done yet. */
  notYet(path: YamlPath, text?: string): void;
  readonly errors: readonly LocatedError[];
  readonly unsupported: readonly LocatedError[];
}

/** Begins to read a document that its schema accepted. */
export function beginReading(yaml: YamlDocument, document: DocumentName): Reading {
  const errors: LocatedError[] = [];
  const unsupported: LocatedError[] = [];
  return {
    document,
    errors,
    unsupported,
    at: (path) => yaml.locate(path),
    complain(code, path, text) {
      errors.push({ ...yaml.locate(path), code, text: `${formatPath(path)} ${text}`, document });
    },
    notYet(path, text = 'is not supported yet; remove it') {
      unsupported.push({
        ...yaml.locate(path),
        code: 'NOT_SUPPORTED_YET',
        text: `${formatPath(path)} ${text}`,
        document,
      });
    },
  };
}
