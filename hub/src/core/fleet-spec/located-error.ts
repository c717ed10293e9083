import { type GitId, shortId } from '@flotilla/shared/base';

/** A place in a file of a control repository. Line and column count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a control repository, where, and what to do about it. */
export interface LocatedError extends Location {
  readonly code: SpecErrorCode;
  /** One sentence or two: what is wrong, why, what to do. No full stop at the end. */
  readonly text: string;
  /** The commit at which the file stands so; undefined = not known. */
  readonly commit?: GitId | undefined;
  /** The document it speaks of; undefined = the file as a whole. */
  readonly document?: DocumentName | undefined;
}

/** A document by kind and name, as written. */
export interface DocumentName {
  readonly kind: string;
  readonly name: string;
}

/** Machine-readable kinds of mistakes; stable across releases. */
export type SpecErrorCode =
  /** Not YAML: the parser could not go on. */
  | 'YAML_SYNTAX'
  | 'DUPLICATE_KEY'
  /** Beyond a bound of limits.ts. */
  | 'LIMIT'
  /** apiVersion of flotilla.dev that this program does not know. */
  | 'UNKNOWN_VERSION'
  | 'UNKNOWN_KIND'
  | 'UNKNOWN_FIELD'
  | 'MISSING_FIELD'
  | 'WRONG_TYPE'
  /** Right type, but not an allowed value: a bad name, label, duration, percentage, pattern. */
  | 'BAD_VALUE'
  /** Two things that cannot both hold. */
  | 'CONTRADICTION'
  /** Two documents of one kind and name, or two fleet policies. */
  | 'DUPLICATE_NAME'
  /** Names a document that does not exist. */
  | 'UNKNOWN_REFERENCE'
  /** A document left the repository while another file does not parse: it stays in force. */
  | 'REMOVAL_WAITS'
  /** Valid, but this version of Flotilla cannot do it yet. */
  | 'NOT_SUPPORTED_YET'
  /** The source has no such ref, path or file, or could not be read. */
  | 'SOURCE_UNAVAILABLE'
  | 'PATH_MISSING'
  | 'SYMLINK'
  | 'SUBMODULE'
  /** A kustomization takes something from outside the repository. */
  | 'REMOTE_RESOURCE'
  /** A kustomization file that cannot be read. */
  | 'BAD_KUSTOMIZATION';

/** `file:line:column@commit CODE text`, as people and logs see it; without `@commit` where it is not known. */
export function formatLocated(error: LocatedError): string {
  return `${formatPlace(error)} ${error.code} ${error.text}`;
}

/** `file:line:column@commit`, the commit shortened. */
export function formatPlace(error: Pick<LocatedError, 'file' | 'line' | 'column' | 'commit'>): string {
  const { file, line, column, commit } = error;
  return `${file}:${line}:${column}${commit === undefined ? '' : `@${shortId(commit)}`}`;
}

/** The same mistake, said of a commit. */
export function atCommit(error: LocatedError, commit: GitId): LocatedError {
  return { ...error, commit };
}

/** Orders errors by file, line, column, code, text. */
export function compareLocated(left: LocatedError, right: LocatedError): number {
  return (
    compareText(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    compareText(left.code, right.code) ||
    compareText(left.text, right.text)
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
