import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { rootFolder } from '../tools/index.ts';
import { breakText } from './break-text.ts';
import type { Mutant } from './mutant.ts';

/** One line for each mutant that does not fit the working tree, or after which the file is no program any more. */
export async function misfits(mutants: readonly Mutant[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const mutant of mutants) {
    const why = await misfitOf(mutant);
    if (why !== undefined) lines.push(`${mutant.file}: mutant ${mutant.id} ${why}`);
  }
  return lines;
}

async function misfitOf(mutant: Mutant): Promise<string | undefined> {
  const text = await readFile(join(rootFolder, mutant.file), 'utf8').catch(() => undefined);
  if (text === undefined) return 'is stale: the file is not there';
  const broken = breakText(text, mutant);
  if (!broken.ok) return broken.error;
  const parsed = await transform(broken.value, { loader: 'ts', logLevel: 'silent' }).then(
    () => undefined,
    (error: Error) => error.message.split('\n')[1] ?? error.message,
  );
  return parsed && `does not parse: ${parsed}`;
}
