import { err, type GitId, limits, ok, type Result, shortId } from '@flotilla/shared/base';
import type { ControlAdopted, Reasoned } from '@flotilla/shared/model';
import { controlSource } from './convert/index.ts';
import { compareLocated, type DocumentName, formatLocated, type LocatedError } from './located-error.ts';
import type { FleetSpec, ParsedFile } from './model.ts';
import { specOf } from './spec-of.ts';

/** A file at the commit that is looked at, or in force. */
export interface SeenFile {
  readonly blob: GitId;
  readonly parsed: ParsedFile;
}

/** What is in force, with its files parsed again from the blobs that the adoption names. */
export interface ControlInForce {
  readonly adopted: ControlAdopted;
  readonly files: ReadonlyMap<string, SeenFile>;
}

/** The commit that is looked at, and whether a person accepted it. */
export interface LookedAt {
  readonly commit: GitId;
  readonly isAccepted: boolean;
}

/** What came of looking at the files of one commit. */
export interface JudgedFiles {
  /** In force from now on, by path. */
  readonly files: ReadonlyMap<string, SeenFile>;
  readonly spec: FleetSpec;
  /** Paths whose state at the commit is not in force, with the first reason. */
  readonly broken: ReadonlyMap<string, LocatedError>;
  /** All mistakes, sorted. */
  readonly errors: readonly LocatedError[];
  /** Everything in force parses and nothing is broken: only then does a missing document mean that it was removed. */
  readonly isWhole: boolean;
}

/**
 * Decides file by file what is in force. A file that does not parse, or defines what another file defines, keeps its
 * previous blob; and while there is such a file, every file that takes a document away keeps its previous blob too,
 * because the document may stand in the broken one. Held as a whole (the error): a repository that lost every document
 * at once, until a person accepts the commit, and one with too many documents.
 */
export function judgeFiles(
  previous: ControlInForce | undefined,
  seen: ReadonlyMap<string, SeenFile>,
  at: LookedAt,
): Result<JudgedFiles, Reasoned> {
  const before = previous?.files ?? new Map<string, SeenFile>();
  const ours = new Map([...seen].filter(([, file]) => file.parsed.isOurs));
  if (documentsOf(before).length > 0 && ours.size === 0 && !at.isAccepted)
    return err(emptied(before, at.commit));
  const errors = [...ours.values()].flatMap((file) => file.parsed.errors);
  const broken = new Map<string, LocatedError>();
  for (const error of [...errors].sort(compareLocated)) {
    if (!broken.has(error.file)) broken.set(error.file, error);
  }
  for (;;) {
    const found = nextProblems(before, ours, broken);
    const fresh = found.filter((error) => !broken.has(error.file));
    if (fresh.length === 0) break;
    for (const error of fresh) broken.set(error.file, error);
    errors.push(...fresh);
  }
  const files = inForce(before, ours, broken);
  const count = documentsOf(files).length;
  if (count > limits.controlDocumentsMax) return err(tooMany(count, at.commit));
  const spec = specOf([...files.values()].map((file) => file.parsed));
  const isWhole = broken.size === 0 && spec.unreadable.length === 0;
  return ok({ files, spec, broken, errors: errors.sort(compareLocated), isWhole });
}

function inForce(
  before: ReadonlyMap<string, SeenFile>,
  ours: ReadonlyMap<string, SeenFile>,
  broken: ReadonlyMap<string, LocatedError>,
): ReadonlyMap<string, SeenFile> {
  const paths = [...new Set([...before.keys(), ...ours.keys()])].sort();
  const files = new Map<string, SeenFile>();
  for (const path of paths) {
    const file = broken.has(path) ? before.get(path) : ours.get(path);
    if (file !== undefined) files.set(path, file);
  }
  return files;
}

/** What would be wrong if these files came into force: duplicate names, and removals that must wait. */
function nextProblems(
  before: ReadonlyMap<string, SeenFile>,
  ours: ReadonlyMap<string, SeenFile>,
  broken: ReadonlyMap<string, LocatedError>,
): readonly LocatedError[] {
  const documents = documentsOf(inForce(before, ours, broken));
  const duplicates = duplicateErrors(documents, (path) => !broken.has(path) && isChanged(before, ours, path));
  const culprit = [...broken.keys()].sort()[0] ?? duplicates[0]?.file;
  if (culprit === undefined) return [];
  const present = new Set(documents.map((one) => one.id));
  const lost = documentsOf(before).filter((one) => !present.has(one.id));
  return [...duplicates, ...lost.map((one) => removalWaits(one, culprit))];
}

function isChanged(
  before: ReadonlyMap<string, SeenFile>,
  ours: ReadonlyMap<string, SeenFile>,
  path: string,
): boolean {
  return before.get(path)?.blob !== ours.get(path)?.blob;
}

/** Where a document stands. */
interface PlacedDocument {
  readonly id: string;
  readonly name: DocumentName;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

function documentsOf(files: ReadonlyMap<string, SeenFile>): readonly PlacedDocument[] {
  return [...files].flatMap(([path, file]) =>
    file.parsed.documents.map(({ kind, spec }) => ({
      id: idOf({ kind, name: spec.name }),
      name: { kind, name: spec.name },
      path,
      line: spec.at.line,
      column: spec.at.column,
    })),
  );
}

/** A fleet has one policy, whatever its name. */
function idOf(name: DocumentName): string {
  return name.kind === 'FleetPolicy' ? name.kind : `${name.kind} ${name.name}`;
}

/** Blames the files that this commit changed; within one file, the later document. */
function duplicateErrors(
  documents: readonly PlacedDocument[],
  mayBlame: (path: string) => boolean,
): readonly LocatedError[] {
  const byId = Map.groupBy(documents, (one) => one.id);
  return [...byId.values()].flatMap((same) => {
    const first = same[0];
    if (same.length < 2 || first === undefined) return [];
    return same.filter((one) => mayBlame(one.path)).map((one) => duplicate(one, same));
  });
}

function duplicate(one: PlacedDocument, same: readonly PlacedDocument[]): LocatedError {
  const others = same.filter((other) => other !== one).map((other) => `${other.path}:${other.line}`);
  const what = one.name.kind === 'FleetPolicy' ? 'a FleetPolicy' : `${one.name.kind} ${one.name.name}`;
  return {
    file: one.path,
    line: one.line,
    column: one.column,
    code: 'DUPLICATE_NAME',
    text: `${what} is also defined at ${others.join(', ')}; keep one of them`,
    document: one.name,
  };
}

function removalWaits(lost: PlacedDocument, culprit: string): LocatedError {
  const why = `a removal counts only when the whole repository is free of errors, and ${culprit} is not`;
  return {
    file: lost.path,
    line: 1,
    column: 1,
    code: 'REMOVAL_WAITS',
    text: `${lost.name.kind} ${lost.name.name} was taken out of this file, but stays in force: ${why}`,
    document: lost.name,
  };
}

function emptied(before: ReadonlyMap<string, SeenFile>, commit: GitId): Reasoned {
  const count = documentsOf(before).length;
  return {
    code: 'Emptied',
    subject: 'control',
    text: `commit ${shortId(commit)} holds no flotilla.dev document at all, but ${count} are in force, and they stay; push them again, or have a person accept that they go: flotilla source accept ${controlSource} ${commit}`,
  };
}

function tooMany(count: number, commit: GitId): Reasoned {
  return {
    code: 'TooManyDocuments',
    subject: 'control',
    text: `commit ${shortId(commit)} holds ${count} flotilla.dev documents, more than ${limits.controlDocumentsMax}; the last state stays in force; split the fleet`,
  };
}

/** The mistakes that concern one placement: those of its own document, and those of the whole file it stands in. */
export function errorsOfPlacement(judged: JudgedFiles, placement: string): readonly LocatedError[] {
  const file = judged.spec.placements.find((one) => one.name === placement)?.at.file;
  return judged.errors.filter((error) => {
    const document = error.document;
    if (document === undefined || document.name === '') return error.file === file;
    return document.kind === 'Placement' && document.name === placement;
  });
}

/** `broken` as an adoption stores it: one text for each path. */
export function brokenTexts(judged: JudgedFiles): { readonly [path: string]: string } {
  return Object.fromEntries([...judged.broken].map(([path, error]) => [path, formatLocated(error)]));
}
