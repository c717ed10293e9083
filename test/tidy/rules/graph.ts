import { type Repository, resolveImport, type SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

/** Programs and scripts that are started by their path. */
function isStarted(path: string): boolean {
  return path.endsWith('/main.ts') || path === 'vitest.config.ts' || path === 'test/tools/run.ts';
}

function importedPaths(repository: Repository, source: SourceFile): readonly string[] {
  return source.imports.flatMap(({ specifier }) => {
    const target = resolveImport(repository, source.path, specifier);
    return target.kind === 'file' ? [target.path] : [];
  });
}

/** Every file reached from the starts, through imports and through paths of files that are started. */
function reachableFrom(repository: Repository, starts: readonly string[]): ReadonlySet<string> {
  const byPath = new Map(repository.sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) continue;
    reached.add(path);
    open.push(...importedPaths(repository, source), ...startedPaths(source, byPath));
  }
  return reached;
}

/** `new URL('./worker.ts', import.meta.url)`, `join(here, 'peer.ts')`: programs that a file starts beside itself. */
function startedPaths(source: SourceFile, byPath: ReadonlyMap<string, SourceFile>): readonly string[] {
  const folder = source.path.slice(0, source.path.lastIndexOf('/') + 1);
  const named = source.withoutComments.matchAll(/['"`](?:\.\/)?([a-z0-9-]+\.ts)['"`]/g);
  const fromRoot = source.withoutComments.matchAll(/['"`]([a-z0-9./-]+\/[a-z0-9-]+\.ts)['"`]/g);
  const paths = [
    ...[...named].map((found) => folder + (found[1] ?? '')),
    ...[...fromRoot].map((found) => found[1] ?? ''),
  ];
  return paths.filter((path) => byPath.has(path));
}

function findDead(repository: Repository): readonly Finding[] {
  const isSupport = ({ path, isTest }: SourceFile) => isTest || path.startsWith('test/');
  const exported = repository.manifests.flatMap(({ exports }) => [...exports.values()]);
  const started = repository.sources.filter(({ path }) => isStarted(path)).map(({ path }) => path);
  const products = started.filter((path) => !path.startsWith('test/'));
  const alive = reachableFrom(repository, [...exported, ...products]);
  const tests = repository.sources.filter(({ path }) => path.endsWith('.test.ts')).map(({ path }) => path);
  const aliveInTests = reachableFrom(repository, [...started, ...tests]);
  return repository.sources.flatMap((source) => {
    if (isSupport(source) ? aliveInTests.has(source.path) : alive.has(source.path)) return [];
    const what = aliveInTests.has(source.path)
      ? 'is reached by tests only: wire it in, or name it x-fixture.ts'
      : 'is reached by nothing';
    return [{ path: source.path, what }];
  });
}

/** Code that nothing reaches lies about what the product does. */
export const deadFileRule: Rule = {
  name: 'every source file is reached from a program, a package export or a test',
  reason: 'code that nothing reaches is not maintained, but is still read and believed',
  find: findDead,
};

function findCycles(repository: Repository): readonly Finding[] {
  const edges = new Map(
    repository.sources.map((source) => {
      const values = {
        ...source,
        imports: source.imports.filter((one) => !one.isTypeOnly && !one.isDynamic),
      };
      return [source.path, importedPaths(repository, values)] as const;
    }),
  );
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      findings.push({ path, what: `imports itself: ${[...trail.slice(start), path].join(' -> ')}` });
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return findings;
}

/** Types may point at each other, code may not. */
export const cycleRule: Rule = {
  name: 'no file imports itself around other files',
  reason:
    'in a cycle nothing can be understood, tested or loaded alone, and the order of loading decides what works',
  find: findCycles,
};
