import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemCodes } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';

const packageFolder = join(import.meta.dirname, '..');
const document = readFileSync(join(packageFolder, 'ERRORS.md'), 'utf8');
const documented = [...document.matchAll(/^## (FLT-[0-9]{4}) \S/gm)].map((found) => found[1] ?? '');

/** Texts of the hub's and the command line's own sources, tests left out. */
function sources(): string {
  // Not their node_modules: these lead from one package to the other and back.
  const folders = [join(packageFolder, 'src'), join(packageFolder, '../src')];
  const texts = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|-fixture\.ts$/.test(path))
      .map((path) => readFileSync(join(folder, path), 'utf8')),
  );
  return texts.join('\n');
}

describe('the codes of errors', () => {
  it('have an entry each in ERRORS.md, in order, and no entry is of a code that does not exist', () => {
    expect(documented).toEqual(Object.values(problemCodes).sort());
  });

  it('are all used, by their names, so that none is written by hand', () => {
    const text = sources();
    const unused = Object.keys(problemCodes).filter((name) => !text.includes(`problemCodes.${name}`));
    expect(unused).toEqual([]);
    expect(text.match(/['"`]FLT-[0-9]{4}/g) ?? []).toEqual([]);
  });

  it('say more than their headings', () => {
    for (const entry of document.split(/^## /m).slice(1)) {
      expect(entry.split('\n').slice(1).join(' ').trim().length).toBeGreaterThan(60);
    }
  });
});
