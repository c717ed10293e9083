import { type Import, parseImports } from './imports.ts';
import { type BlankedText, blankOut } from './source-text.ts';

/** A text file of the repository. */
export interface RepositoryFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A TypeScript file with what the rules look at. */
export interface SourceFile extends RepositoryFile, BlankedText {
  readonly imports: readonly Import[];
  /** A vitest file, or a fixture that only such files use: not part of any program. */
  readonly isTest: boolean;
}

/** The part of a package.json that the rules look at. */
export interface Manifest {
  readonly name: string;
  /** The package's folder; '' for the root. */
  readonly folder: string;
  readonly dependencies: ReadonlySet<string>;
  /** Export key (`./base`) to path from the repository's root. */
  readonly exports: ReadonlyMap<string, string>;
}

/** Everything the rules judge. */
export interface Repository {
  readonly files: readonly RepositoryFile[];
  /** Hand-written TypeScript only: generated code answers to its generator. */
  readonly sources: readonly SourceFile[];
  readonly manifests: readonly Manifest[];
}

/** Reads texts into what the rules judge; pure, so that tests hand in a few lines. */
export function repositoryOf(texts: Readonly<Record<string, string>>): Repository {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const isSource = ({ path }: RepositoryFile) => path.endsWith('.ts') && !path.startsWith('proto/gen/');
  return {
    files,
    sources: files.filter(isSource).map(sourceOf),
    manifests: files.filter(({ path }) => /(?:^|\/)package\.json$/.test(path)).map(manifestOf),
  };
}

/** The package that a file belongs to: the one with the longest folder. */
export function packageOf(repository: Repository, path: string): Manifest | undefined {
  const owners = repository.manifests.filter(
    ({ folder }) => folder === '' || path === folder || path.startsWith(`${folder}/`),
  );
  return owners.sort((left, right) => right.folder.length - left.folder.length)[0];
}

/** The file that an import means: a path of the repository, or the name of a foreign library or Node module. */
export type ImportTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'node'; readonly module: string }
  | { readonly kind: 'library'; readonly library: string }
  /** One of our packages, but not one of its exports. */
  | { readonly kind: 'not-exported'; readonly package: string };

/** Resolves an import as Node does for our sources: relative paths carry their ending, packages have exports. */
export function resolveImport(repository: Repository, from: string, specifier: string): ImportTarget {
  if (specifier.startsWith('.')) return { kind: 'file', path: joinPath(from, specifier) };
  if (specifier.startsWith('node:')) return { kind: 'node', module: specifier };
  const parts = specifier.split('/');
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const manifest = repository.manifests.find((candidate) => candidate.name === name);
  if (manifest === undefined) return { kind: 'library', library: name };
  const path = manifest.exports.get(`.${specifier.slice(name.length)}`);
  return path === undefined ? { kind: 'not-exported', package: name } : { kind: 'file', path };
}

function sourceOf(file: RepositoryFile): SourceFile {
  const blanked = blankOut(file.text);
  const isTest = /\.test\.ts$|-fixture\.ts$/.test(file.path);
  return { ...file, ...blanked, imports: parseImports(blanked), isTest };
}

function manifestOf(file: RepositoryFile): Manifest {
  // Written by hand and checked by pnpm; the rules only need these three fields of it.
  const json = JSON.parse(file.text) as {
    name?: string;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
    exports?: Record<string, string>;
  };
  const folder = file.path.slice(0, -'package.json'.length).replace(/\/$/, '');
  const prefix = folder === '' ? '' : `${folder}/`;
  const exports = Object.entries(json.exports ?? {}).map(
    ([key, target]) => [key, prefix + target.replace(/^\.\//, '')] as const,
  );
  const dependencies = new Set(Object.keys({ ...json.dependencies, ...json.devDependencies }));
  return { name: json.name ?? '', folder, dependencies, exports: new Map(exports) };
}

function joinPath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
