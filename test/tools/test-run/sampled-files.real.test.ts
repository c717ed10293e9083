import { expect, it } from 'vitest';
import { runChild } from '../child.ts';
import { packageCommand, rootFolder } from '../paths.ts';
import { filesLeftOut, longFiles } from './sampled-files.ts';

it.each(Object.entries(longFiles))(
  'vitest leaves out of %s what is left out: all long files but one',
  async (project, long) => {
    const leftOut = filesLeftOut(project, { tier: 'ci', seed: 'abc' });
    const args = ['list', '--project', project, '--filesOnly', ...leftOut.map((path) => `--exclude=${path}`)];
    const { code, stdout } = await runChild(packageCommand('vitest'), args, {
      cwd: rootFolder,
      output: 'capture',
    });
    expect(code).toBe(0);
    // An exclude list of the project in vitest.config.ts would take the place of these.
    expect(long.filter((path) => stdout.includes(path))).toEqual(
      long.filter((path) => !leftOut.includes(path)),
    );
  },
);
