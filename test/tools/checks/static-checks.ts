import { runChild } from '../child.ts';
import { packageCommand, rootFolder } from '../paths.ts';
import type { Check } from './check.ts';

function commandCheck(name: string, program: string, args: readonly string[]): Check {
  return {
    name,
    run: async (signal) => {
      const outcome = await runChild(packageCommand(program), args, {
        cwd: rootFolder,
        output: 'capture',
        signal,
      });
      const text = `${outcome.stdout}${outcome.stderr}`.trim();
      return { isGood: outcome.code === 0, text };
    },
  };
}

/** Format, lint and import order; only errors break, warnings stay advice. */
export const formatAndLint = commandCheck('format and lint', 'biome', [
  'check',
  '--diagnostic-level=error',
  '--colors=off',
]);

/** Types of the whole workspace in one program. */
export const types = commandCheck('types', 'tsc', ['--pretty', 'false']);
