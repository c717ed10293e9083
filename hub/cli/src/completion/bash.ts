import type { CommandTree } from './command-tree.ts';

/** The script for bash (3.2 and later, without the bash-completion package). */
export function bashScript(tree: CommandTree): string {
  const cases = pathsOf(tree).map(({ path, node }) => caseOf(path, node));
  return `# bash completion of flotilla; to use it: source <(flotilla completion bash)
_flotilla() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' place=0 index one
  local commands=" ${pathsOf(tree)
    .map(({ path }) => path)
    .filter((path) => path !== '')
    .map((path) => `${path.replace(' ', '/')} `)
    .join('')}"
  for ((index = 1; index < COMP_CWORD; index++)); do
    one=\${COMP_WORDS[index]}
    case $one in -*)
      if [[ "${valuedFlagsOf(tree)}" == *" $one "* ]]; then index=$((index + 1)); fi
      continue ;;
    esac
    if [[ $commands == *" \${path:+$path/}$one "* ]]; then path="\${path:+$path/}$one"; else place=$((place + 1)); fi
  done
  local flags='' words='' valued=''
  case $path in
${cases.join('\n')}
  esac
  case " $valued " in *" $before "*)
    words=''
    case "$path $before" in
${valuesOf(tree).join('\n')}
      ${pathFlagsOf(tree)}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word")); return ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -F _flotilla flotilla`;
}

/** Flags whose next word is their value; a flag means the same in every command. */
function valuedFlagsOf(tree: CommandTree): string {
  const flags = pathsOf(tree).flatMap(({ node }) => node.flags.filter(({ takesValue }) => takesValue));
  const words = flags.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
  return ` ${[...new Set(words)].join(' ')} `;
}

/** Flags whose value is a path, as a pattern behind any command. */
function pathFlagsOf(tree: CommandTree): string {
  const flags = pathsOf(tree).flatMap(({ node }) => node.flags.filter(({ isPath }) => isPath));
  return [...new Set(flags.map(({ long }) => `*" ${long}"`))].join(' | ');
}

interface Placed {
  /** Words of the command, joined by blanks; '' for the program. */
  readonly path: string;
  readonly node: CommandTree;
}

function pathsOf(tree: CommandTree, path = ''): readonly Placed[] {
  const below = tree.commands.flatMap((one) => pathsOf(one, path === '' ? one.name : `${path} ${one.name}`));
  return [{ path, node: tree }, ...below];
}

function caseOf(path: string, node: CommandTree): string {
  const flags = node.flags.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
  const valued = node.flags
    .filter(({ takesValue }) => takesValue)
    .flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
  const words = node.commands.length > 0 ? node.commands.map(({ name }) => name) : (node.arguments[0] ?? []);
  const isFirstOnly = node.commands.length === 0;
  const wordsLine = isFirstOnly
    ? `[[ $place == 0 ]] && words='${words.join(' ')}'`
    : `words='${words.join(' ')}'`;
  return `    '${path.replace(' ', '/')}') flags='${[...flags, '--help'].join(' ')}'; valued='${valued.join(' ')}'; ${wordsLine} ;;`;
}

function valuesOf(tree: CommandTree): readonly string[] {
  return pathsOf(tree).flatMap(({ path, node }) =>
    node.flags
      .filter(({ choices }) => choices.length > 0)
      .map(({ short, long, choices }) => {
        const place = path.replace(' ', '/');
        const patterns = [short, long]
          .filter((flag) => flag !== undefined)
          .map((flag) => `'${place} ${flag}'`);
        return `      ${patterns.join(' | ')}) words='${choices.join(' ')}' ;;`;
      }),
  );
}
