import ignore from 'ignore';

/** Reads a `.flotillaignore` (gitignore rules) and returns which paths it names. Wraps the library `ignore`. */
export function readIgnoreFile(text: string | undefined): (path: string) => boolean {
  if (text === undefined) return () => false;
  const rules = ignore().add(text);
  return (path) => ignore.isPathValid(path) && rules.ignores(path);
}
