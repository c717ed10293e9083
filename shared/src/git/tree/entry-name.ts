import type { TreeProblemCode } from './tree-listing.ts';

/** Code points that HFS+ leaves out of names when it compares them, so that `.g\u200cit` is `.git` there. */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** What no safe name holds: separators, control characters, and what stands for bytes that are not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unsafeCharacter = /[/\\\u0000-\u001f\u007f\ufffd]/;
/** The longest name that common file systems take. */
const nameBytesMax = 255;

/** What is wrong with the name of one entry of a tree, if anything. Pure. */
export function judgeName(name: string): Extract<TreeProblemCode, 'GIT_NAME' | 'UNSAFE_NAME'> | undefined {
  if (isGitName(name)) return 'GIT_NAME';
  const isUnsafe =
    name === '' ||
    name === '.' ||
    name === '..' ||
    unsafeCharacter.test(name) ||
    Buffer.byteLength(name) > nameBytesMax;
  return isUnsafe ? 'UNSAFE_NAME' : undefined;
}

/**
 * True for `.git` in every spelling that some file system takes for it: any case, HFS+ ignorable characters, NTFS short
 * name `git~1`, trailing dots and spaces, alternate streams (`.git::$INDEX_ALLOCATION`), as in git's path.c and utf8.c.
 */
function isGitName(name: string): boolean {
  const folded = name.replace(ignoredByHfs, '').toLowerCase();
  const base = (folded.split(/[:\\/]/)[0] ?? '').replace(/[. ]+$/, '');
  return base === '.git' || base === 'git~1';
}

/** Two names with the same fold are one file on a file system that ignores case or Unicode form. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
