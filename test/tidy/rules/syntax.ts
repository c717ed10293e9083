import type { Repository, SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { lineAt } from '../source-text.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly what: string;
  /** Where the pattern is looked for; default `code`. */
  readonly within?: 'code' | 'text';
  readonly files?: RegExp;
}

const toDo = ['FIX', 'ME'].join('');

const bans: readonly Ban[] = [
  { pattern: /^\s*export\s+default\b/gm, what: 'has a default export', files: /^(?!.*\.config\.ts$)/ },
  { pattern: /\benum\s+\w+\s*\{/g, what: 'declares an enum' },
  { pattern: /\b(?:namespace|module)\s+[\w.]+\s*\{/g, what: 'declares a namespace' },
  {
    pattern: /\bconstructor\s*\((?:[^){]*,)?\s*(?:(?:private|public|protected|readonly)\s+)+\w+\s*[?:]/g,
    what: 'has parameter properties',
  },
  { pattern: /(?:[:<|&,(=]|\bas|=>)\s*any\b(?!\s*[:(.])/g, what: 'uses any' },
  { pattern: /@ts-(?:ignore|expect-error|nocheck)/g, what: 'silences the compiler', within: 'text' },
  { pattern: new RegExp(`\\b${toDo}\\b`, 'g'), what: `leaves a ${toDo}`, within: 'text' },
  {
    pattern: /\b(?:it|test|describe)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf)\b|\bctx\.skip\(/g,
    what: 'skips or singles out a test',
    files: /\.test\.ts$/,
  },
];

function judgeSource(source: SourceFile): readonly Finding[] {
  return bans
    .filter(({ files }) => files === undefined || files.test(source.path))
    .flatMap(({ pattern, what, within }) =>
      [...(within === 'text' ? source.text : source.code).matchAll(pattern)].map((found) => ({
        path: source.path,
        line: lineAt(source.text, found.index + found[0].length - found[0].trimStart().length),
        what: `${what} (${found[0].trim()})`,
      })),
    );
}

/** Files that speak about the banned words. */
const aboutBans = /^test\/tidy\/rules\/syntax(?:\.test)?\.ts$/;

/** What the house does not write. */
export const syntaxRule: Rule = {
  name: 'sources have no default export, enum, namespace, any, silenced error, loose end or skipped test',
  reason:
    'Node runs the sources by stripping types, the compiler must see everything, and a test that does not run proves nothing',
  find: (repository: Repository) =>
    repository.sources.filter(({ path }) => !aboutBans.test(path)).flatMap(judgeSource),
};
