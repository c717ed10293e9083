import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { allGroups } from './cases/index.ts';
import { mutants } from './mutants.ts';

const run = promisify(execFile);
const runner = join(import.meta.dirname, 'mutant-runner', 'main.ts');

it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'notices a simulated cluster in which %s',
  async (name, mutant) => {
    const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', runner, name]);
    const caught: readonly string[] = JSON.parse(stdout);
    expect(caught).toContain(mutant.caughtBy);
    // The break is noticed for what it is: most of the suite still passes.
    const cases = allGroups.reduce((sum, group) => sum + group.cases.length, 0);
    expect(caught.length).toBeLessThan(cases / 2);
  },
);
