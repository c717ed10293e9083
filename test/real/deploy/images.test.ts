import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programs } from '../../tools/build/build-programs.ts';
import { tools } from '../../tools/index.ts';
import { rootFolder } from '../../tools/paths.ts';

const folder = join(rootFolder, 'deploy/images');
const files = await Promise.all(
  (await readdir(folder)).map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
);

describe('the Containerfiles', () => {
  it('are one for each program that runs in a cluster', () => {
    expect(files.map(({ name }) => name).sort()).toEqual(['agent.Containerfile', 'hub.Containerfile']);
  });

  it.each(files)('$name copies only single files that the build makes', ({ text }) => {
    const copied = [...text.matchAll(/\bdist\/([\w-]+)/g)].map(([, name]) => name);
    expect(copied.length).toBeGreaterThan(0);
    expect(copied.filter((name) => !programs.some((program) => program.name === name))).toEqual([]);
  });

  it.each(files)('$name builds the outside programs in the versions that the tests use', ({ text }) => {
    const installed = [...text.matchAll(/go install .* (\S+)@v(\S+)$/gm)];
    expect(installed).not.toEqual([]);
    for (const [, path, version] of installed) {
      const tool = Object.values(tools).find(
        ({ recipe }) => recipe.kind === 'install' && recipe.package === path,
      );
      expect(tool?.version).toBe(version);
    }
  });

  it.each(files)('$name ends as a user that is not root', ({ text }) => {
    expect(text).toMatch(/^USER 65532:65532$/m);
  });
});
