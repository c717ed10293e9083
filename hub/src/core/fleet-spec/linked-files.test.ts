import type { GitId } from '@flotilla/shared/base';
import { describe, expect, it } from 'vitest';
import { linkedFiles, type TreeEntry } from './linked-files.ts';
import { formatLocated } from './located-error.ts';

// Forty hexadecimal digits.
const id = 'a'.repeat(40) as GitId;

function tree(kinds: { readonly [path: string]: TreeEntry['kind'] }): ReadonlyMap<string, TreeEntry> {
  return new Map(Object.entries(kinds).map(([path, kind]) => [path, { kind, id }]));
}

function mistakes(kinds: { readonly [path: string]: TreeEntry['kind'] }, path: string): readonly string[] {
  return [...linkedFiles(tree(kinds), [path]).values()].flatMap((one) =>
    one.parsed.errors.map(formatLocated),
  );
}

describe('linkedFiles', () => {
  it('says of a file in force that it became a symbolic link, and what to do', () => {
    expect(mistakes({ fleet: 'folder', 'fleet/a.yaml': 'symlink' }, 'fleet/a.yaml')).toEqual([
      'fleet/a.yaml:1:1 SYMLINK this file became a symbolic link, which is refused; commit the file itself',
    ]);
  });

  it('names the folder on the way that became a link or a submodule', () => {
    expect(mistakes({ fleet: 'symlink' }, 'fleet/a.yaml')).toEqual([
      'fleet/a.yaml:1:1 SYMLINK fleet became a symbolic link, which is refused; commit the file itself',
    ]);
    expect(mistakes({ fleet: 'submodule' }, 'fleet/a.yaml')).toEqual([
      'fleet/a.yaml:1:1 SUBMODULE fleet became a submodule, which is refused; commit the file itself',
    ]);
  });

  it('leaves alone what is still a file, and what is not there at all', () => {
    expect(mistakes({ fleet: 'folder', 'fleet/a.yaml': 'file' }, 'fleet/a.yaml')).toEqual([]);
    expect(mistakes({ fleet: 'folder' }, 'fleet/a.yaml')).toEqual([]);
    expect(mistakes({}, 'fleet/a.yaml')).toEqual([]);
  });
});
