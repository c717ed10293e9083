import type { CommandTree, FlagWords } from './command-tree.ts';

/** The script for fish. */
export function fishScript(tree: CommandTree): string {
  return [
    '# fish completion of flotilla; to use it: flotilla completion fish | source',
    'complete -c flotilla -f',
    ...linesOf(tree, []),
  ].join('\n');
}

function linesOf(tree: CommandTree, path: readonly string[]): readonly string[] {
  const here = conditionOf(
    path,
    tree.commands.map(({ name }) => name),
  );
  const words = tree.commands.map(
    (one) => `complete -c flotilla -n ${here} -a ${one.name} -d ${quoted(one.description)}`,
  );
  const [first = []] = tree.arguments;
  const once = conditionOf(path, first);
  const values = first.length > 0 ? [`complete -c flotilla -n ${once} -a ${quoted(first.join(' '))}`] : [];
  const flags = tree.flags.map((flag) => `complete -c flotilla -n ${here} ${flagOf(flag)}`);
  return [
    ...words,
    ...values,
    ...flags,
    ...tree.commands.flatMap((one) => linesOf(one, [...path, one.name])),
  ];
}

/** True while the words typed so far lead to this command, and none of `next` follows. */
function conditionOf(path: readonly string[], next: readonly string[]): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const parts = next.length === 0 ? seen : [...seen, `not __fish_seen_subcommand_from ${next.join(' ')}`];
  return quoted(parts.length === 0 ? 'true' : parts.join('; and '));
}

function flagOf({ short, long, description, takesValue, choices, isPath }: FlagWords): string {
  const parts = [`-l ${long.replace(/^--/, '')}`, `-d ${quoted(description)}`];
  if (short !== undefined) parts.unshift(`-s ${short.replace(/^-/, '')}`);
  if (takesValue) parts.push(isPath ? '-r -F' : '-x');
  if (choices.length > 0) parts.push(`-a ${quoted(choices.join(' '))}`);
  return parts.join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
