import type { CommandTree, FlagWords } from './command-tree.ts';

/** The script for zsh. */
export function zshScript(tree: CommandTree): string {
  return `#compdef flotilla
# zsh completion of flotilla; to use it: source <(flotilla completion zsh)
${functionsOf(tree, '_flotilla').join('\n\n')}

if [[ $funcstack[1] == _flotilla ]]; then _flotilla "$@"; else compdef _flotilla flotilla; fi`;
}

/** One function for each command, the deepest first. */
function functionsOf(tree: CommandTree, name: string): readonly string[] {
  const below = tree.commands.flatMap((one) => functionsOf(one, `${name}_${one.name.replaceAll('-', '_')}`));
  return [...below, tree.commands.length > 0 ? groupOf(tree, name) : leafOf(tree, name)];
}

function groupOf(tree: CommandTree, name: string): string {
  const words = tree.commands.map((one) => `'${one.name}:${quoted(one.description)}'`);
  const cases = tree.commands.map((one) => `      ${one.name}) ${name}_${one.name.replaceAll('-', '_')} ;;`);
  return `${name}() {
  local -a words_below=(${words.join(' ')})
  local line state
  _arguments -C ${[...tree.flags.map(flagOf), "'1: :->command'", "'*:: :->rest'"].join(' ')}
  case $state in
    command) _describe command words_below ;;
    rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}`;
}

function leafOf(tree: CommandTree, name: string): string {
  const places = tree.arguments.map((words, index) =>
    words.length > 0 ? `'${index + 1}: :(${words.join(' ')})'` : `'${index + 1}: : '`,
  );
  return `${name}() {
  _arguments ${[...tree.flags.map(flagOf), ...places].join(' ')}
}`;
}

function flagOf({ short, long, description, takesValue, choices, isPath }: FlagWords): string {
  const values = choices.length > 0 ? `(${choices.join(' ')})` : ' ';
  const action = isPath ? '_files' : values;
  const value = takesValue ? `:value:${action}` : '';
  const text = `[${quoted(description).replaceAll('[', '(').replaceAll(']', ')')}]${value}`;
  return short === undefined ? `'${long}${text}'` : `{${short},${long}}'${text}'`;
}

/** Safe inside single quotes and between zsh's own colons. */
function quoted(text: string): string {
  return text.replaceAll("'", '').replaceAll(':', ' -');
}
