import { err, ok, type Result } from '@flotilla/shared/base';
import type { Mutant } from './mutant.ts';

/** The file's text with the mutant in it, or why the mutant does not fit the file any more. Pure. */
export function breakText(
  text: string,
  { find, replace }: Pick<Mutant, 'find' | 'replace'>,
): Result<string, string> {
  if (find === '' || `${find}${replace}`.includes('\n')) return err('is more than one line, or none');
  if (find === replace) return err('changes nothing');
  const count = text.split(find).length - 1;
  if (count === 0) return err(`is stale: ${JSON.stringify(find)} does not occur`);
  if (count > 1) return err(`is not unique: ${JSON.stringify(find)} occurs ${count} times`);
  // A function, because `$` means something in a replacement text.
  return ok(text.replace(find, () => replace));
}
