/**
 * Completion scripts of the shells, made from the commands. They are static: a completion starts no program and so
 * takes no time. Reading order: command-tree, bash, zsh, fish.
 */
import { usageError } from '../cli-error.ts';
import { bashScript } from './bash.ts';
import type { CommandTree } from './command-tree.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const scripts: { readonly [shell: string]: (tree: CommandTree) => string } = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** The script for a shell. Throws CliError for a shell that is not known. */
export function completionScript(shell: string, tree: CommandTree): string {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script !== undefined) return script(tree);
  throw usageError(`there is no completion for ${JSON.stringify(shell)}`, {
    cause: 'known are bash, zsh and fish',
  });
}
