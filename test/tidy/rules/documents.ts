import { type Repository, resolveImport, type SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { lineAt } from '../source-text.ts';

const declaration =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|interface|type|const)\s+([\w$]+)/gm;
const reExport = /^export\s+(?:type\s+)?(?:\{([^}]*)\}|\*)\s*from\s*(['"])([^'"]+)\2/gm;

/** What of a file is exported through a front door: every name, or the names that were asked for. */
type Wanted = 'all' | ReadonlySet<string>;

/** Declarations without a docstring that a package exports, followed through its index files. */
function judgeDoor(repository: Repository, path: string, wanted: Wanted): readonly Finding[] {
  const source = repository.sources.find((candidate) => candidate.path === path);
  if (source === undefined) return [];
  const own = [...source.code.matchAll(declaration)]
    .filter((found) => wanted === 'all' || wanted.has(found[1] ?? ''))
    .filter((found) => !hasDocument(source, found.index))
    .map((found) => {
      const line = lineAt(source.code, found.index);
      return { path, line, what: `exports ${found[1] ?? ''} without a docstring` };
    });
  const further = [...source.withoutComments.matchAll(reExport)].flatMap((found) => {
    const target = resolveImport(repository, path, found[3] ?? '');
    if (target.kind !== 'file' || !found[3]?.startsWith('.')) return [];
    return judgeDoor(repository, target.path, found[1] === undefined ? wanted : namesOf(found[1]));
  });
  return [...own, ...further];
}

/** `{ a, type B, c as d }`: the names as the other file declares them. */
function namesOf(clause: string): ReadonlySet<string> {
  const names = clause.split(',').map(
    (part) =>
      part
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)[0] ?? '',
  );
  return new Set(names);
}

/** True when a docstring ends right above; overloads share the one above the first. */
function hasDocument(source: SourceFile, at: number): boolean {
  const above = source.text.slice(0, at).trimEnd();
  if (above.endsWith('*/')) return /\/\*\*(?:(?!\*\/)[\s\S])*\*\/$/.test(above);
  const name = /function\s+([\w$]+)/.exec(source.code.slice(at))?.[1];
  const previous = above.slice(above.lastIndexOf('\n') + 1);
  return name !== undefined && previous.startsWith(`export function ${name}`);
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map(findings.map((finding) => [`${finding.path}:${finding.line}`, finding]));
  return [...seen.values()];
}

/** What a package offers explains itself. */
export const docstringRule: Rule = {
  name: 'everything a package exports has a docstring',
  reason:
    'the promise, units, defaults and errors of a symbol are read where it is used, not where it is made',
  find: (repository) => {
    const doors = repository.manifests.flatMap(({ exports }) => [...exports.values()]);
    return distinct(doors.flatMap((path) => judgeDoor(repository, path, 'all')));
  },
};

const filesWithoutIndexMax = 2;

/** A folder introduces itself. */
export const indexRule: Rule = {
  name: 'a folder with three or more source files has an index.ts that says what it is for',
  reason: 'the header of index.ts is where a newcomer learns the reading order',
  find: (repository) => {
    const folders = Map.groupBy(
      repository.sources.filter(
        ({ path, isTest }) => !isTest && /^(?:hub|agent|shared)\/.*src\/[^/]+\//.test(path),
      ),
      ({ path }) => path.slice(0, path.lastIndexOf('/')),
    );
    return [...folders].flatMap(([folder, sources]): readonly Finding[] => {
      const index = sources.find(({ path }) => path === `${folder}/index.ts`);
      if (index === undefined) {
        if (sources.length <= filesWithoutIndexMax) return [];
        return [{ path: folder, what: `has ${sources.length} source files and no index.ts` }];
      }
      return index.text.startsWith('/**') ? [] : [{ path: index.path, line: 1, what: 'has no header' }];
    });
  },
};

/** A decision is cited by its number. */
export const decisionRule: Rule = {
  name: 'each decision record has a number of its own, and says it in its title',
  reason: 'people who work side by side take the same next number, and a reference would lead to two places',
  find: ({ files }) => {
    const records = files.filter(({ path }) => /^shared\/adr\/.+\.md$/.test(path));
    const numberOf = (path: string) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1];
    const counts = Map.groupBy(records, ({ path }) => numberOf(path));
    return records.flatMap(({ path, text }) => {
      const number = numberOf(path);
      if (number === undefined) return [{ path, what: 'is not named NNNN-title.md' }];
      const others = (counts.get(number) ?? []).filter((one) => one.path !== path);
      return [
        ...others.map((one) => ({ path, what: `has the number of ${one.path}` })),
        ...(text.startsWith(`# ${number} `)
          ? []
          : [{ path, line: 1, what: `has a title without ${number}` }]),
      ];
    });
  },
};
