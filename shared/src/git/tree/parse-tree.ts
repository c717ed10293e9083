import { err, ok, type Result } from '../../base/index.ts';
import type { EntryKind, TreeEntry } from '../git-object.ts';
import { idFromBytes } from '../hash-object.ts';
import { idBytes, type ObjectFormat } from '../object-format.ts';

/** Modes that Git writes, and the two old spellings that real repositories still hold. */
const kinds: Readonly<Record<string, EntryKind>> = {
  '40000': 'tree',
  '040000': 'tree',
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'symlink',
  '160000': 'submodule',
};

/**
 * Reads a tree object: `<mode> <name>`, a zero byte and the raw id, again and again. Pure. Names that are not UTF-8
 * come out with replacement characters. Refuses unknown modes and repeated names.
 */
export function parseTree(data: Buffer, format: ObjectFormat): Result<readonly TreeEntry[], string> {
  const entries: TreeEntry[] = [];
  const seen = new Set<string>();
  const length = idBytes(format);
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const zero = data.indexOf(0, at);
    if (space < 0 || zero < space || zero + 1 + length > data.length) return err('ends within an entry');
    const mode = data.toString('latin1', at, space);
    const kind = kinds[mode];
    if (kind === undefined) return err(`has an entry of unknown mode ${JSON.stringify(mode.slice(0, 12))}`);
    const nameBytes = data.toString('latin1', space + 1, zero);
    if (seen.has(nameBytes)) return err('has the same name twice');
    seen.add(nameBytes);
    const id = idFromBytes(data.subarray(zero + 1, zero + 1 + length));
    entries.push({ name: data.toString('utf8', space + 1, zero), kind, id });
    at = zero + 1 + length;
  }
  return ok(entries);
}
