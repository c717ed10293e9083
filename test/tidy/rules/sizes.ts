import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';

const linesMax = 400;
const linesWished = 250;

/** Files known to be longer than wished, with the length they may have; it may only shrink. */
export type Ratchet = Readonly<Record<string, number>>;

function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function judgeSize(path: string, lines: number, allowed: number | undefined): string | undefined {
  if (lines > linesMax) return `has ${lines} lines, more than ${linesMax}: split it by idea`;
  if (allowed === undefined) {
    if (lines <= linesWished) return undefined;
    return `has ${lines} lines, more than ${linesWished}: split it, or add "${path}": ${lines} to test/tidy/ratchet.json and say why in the commit`;
  }
  if (lines <= linesWished) return `has ${lines} lines: take it out of test/tidy/ratchet.json`;
  if (lines > allowed) return `has grown from ${allowed} to ${lines} lines: split it`;
  return undefined;
}

function judgeAll(repository: Repository, ratchet: Ratchet): readonly Finding[] {
  const paths = new Set(repository.sources.map(({ path }) => path));
  const gone = Object.keys(ratchet)
    .filter((path) => !paths.has(path))
    .map((path) => ({ path, what: 'does not exist: take it out of test/tidy/ratchet.json' }));
  const sizes = repository.sources.flatMap(({ path, text }) => {
    const what = judgeSize(path, linesOf(text), ratchet[path]);
    return what === undefined ? [] : [{ path, what }];
  });
  return [...gone, ...sizes];
}

/** One idea for each file. */
export function sizeRule(ratchet: Ratchet): Rule {
  return {
    name: `a source file has at most ${linesMax} lines, and at most ${linesWished} unless the ratchet knows it`,
    reason: 'a file that grows past this nearly always mixes state with I/O, or holds two ideas',
    find: (repository) => judgeAll(repository, ratchet),
  };
}
