import type { Repository } from './repository.ts';

/** One place that breaks a rule. */
export interface Finding {
  readonly path: string;
  /** 1-based; absent when the whole file is meant. */
  readonly line?: number;
  /** What is wrong there, in a few words. */
  readonly what: string;
}

/** A rule of the house as a pure function of the repository's texts. */
export interface Rule {
  /** Reads as a sentence: the name of its test. */
  readonly name: string;
  /** Why the rule exists; shown with every finding. */
  readonly reason: string;
  readonly find: (repository: Repository) => readonly Finding[];
}

/** The findings as people read them: place, what, and once the reason. Empty when there are none. */
export function describeFindings(rule: Rule, findings: readonly Finding[]): string {
  if (findings.length === 0) return '';
  const lines = findings.map(
    ({ path, line, what }) => `  ${path}${line === undefined ? '' : `:${line}`} ${what}`,
  );
  return [`${rule.name}, but:`, ...lines, `  why: ${rule.reason}`].join('\n');
}
