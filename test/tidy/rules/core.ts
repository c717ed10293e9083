import type { SourceFile } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { lineAt } from '../source-text.ts';

/** The folders whose code decides and does nothing else. */
const pureFolders = /^(?:hub\/src\/core|agent\/src\/core|shared\/src\/(?:base|model|codec))\//;

interface Ban {
  readonly pattern: RegExp;
  readonly what: string;
}

const bans: readonly Ban[] = [
  { pattern: /\basync\b(?!\s*[:=,)}])|\bawait\b|\bnew Promise\b/g, what: 'is asynchronous' },
  // Date.parse and Date.UTC compute: with a zone in the text they give the same on every machine.
  { pattern: /\bnew Date\b|\bDate\s*(?:\(|\.(?!parse\b|UTC\b))|\bperformance\s*\./g, what: 'reads a clock' },
  { pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, what: 'uses a timer' },
  { pattern: /\bMath\s*\.\s*random\b|\bcrypto\s*\./g, what: 'draws chance by itself' },
  { pattern: /\bprocess\s*[.[]|\bglobalThis\b|\bfetch\s*\(/g, what: 'reaches for its surroundings' },
  { pattern: /\bconsole\s*\.|\blogger\b/g, what: 'logs' },
];

function judgeCore(source: SourceFile): readonly Finding[] {
  const words = bans.flatMap(({ pattern, what }) =>
    [...source.code.matchAll(pattern)].map((found) => ({
      path: source.path,
      line: lineAt(source.code, found.index),
      what: `${what} (${found[0].trim()})`,
    })),
  );
  const imports = source.imports
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ specifier, line }) => ({ path: source.path, line, what: `imports ${specifier}` }));
  return [...words, ...imports];
}

/** Core takes time, chance and facts as arguments. */
export const coreRule: Rule = {
  name: 'core, model, codec and base are synchronous and free of clock, chance, I/O and logging',
  reason:
    'the same input must give the same plan byte for byte: that is what simulation, replay and `why` stand on. ' +
    'Take nowMs and a Random as arguments, and return what should happen',
  find: (repository) =>
    repository.sources.filter(({ path, isTest }) => pureFolders.test(path) && !isTest).flatMap(judgeCore),
};
