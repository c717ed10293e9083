import { type CliError, usageError } from './cli-error.ts';

/** The part of the command library's objects that is read here. */
interface NamedCommand {
  name(): string;
  readonly commands: readonly NamedCommand[];
}

/** What the library says of wrong words, in our shape. */
export function wrongWords(error: Error, words: readonly string[], program: NamedCommand): CliError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const [text = '', ...more] = first.split('. ');
  const cause = [...more, ...rest]
    .join(' ')
    .replace(/^\((.*)\)$/, '$1')
    .replace(/\.$/, '');
  const next = `${[program.name(), ...commandWords(program, words)].join(' ')} --help`;
  return usageError(text.replace(/\.$/, ''), { ...(cause !== '' && { cause }), next });
}

/** The words that named a command before something was wrong. */
function commandWords(command: NamedCommand, [word, ...rest]: readonly string[]): readonly string[] {
  const below = command.commands.find((one) => one.name() === word);
  return below === undefined ? [] : [below.name(), ...commandWords(below, rest)];
}
