/** A command as completion needs it; read from the commands themselves, so that no word can be forgotten. */
export interface CommandTree {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly CommandTree[];
  readonly flags: readonly FlagWords[];
  /** Words that the arguments may be, by position; empty = anything. */
  readonly arguments: readonly (readonly string[])[];
}

/** One flag. */
export interface FlagWords {
  /** `-o`; undefined = none. */
  readonly short: string | undefined;
  /** `--output`. */
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** Values that it may have; empty = anything. */
  readonly choices: readonly string[];
  /** Its value is a path. */
  readonly isPath: boolean;
}

/** The part of the command library's objects that is read here. */
export interface ReadableCommand {
  name(): string;
  description(): string;
  readonly commands: readonly ReadableCommand[];
  readonly options: readonly {
    readonly short?: string | undefined;
    readonly long?: string | undefined;
    readonly description: string;
    readonly required: boolean;
    readonly optional: boolean;
    readonly argChoices?: readonly string[];
    readonly flags: string;
  }[];
  readonly registeredArguments: readonly { name(): string; readonly argChoices?: readonly string[] }[];
}

/** Reads a command with all below it. */
export function readTree(
  command: ReadableCommand,
  wordsOf: (command: string, argument: string) => readonly string[],
): CommandTree {
  return {
    name: command.name(),
    description: command.description(),
    commands: command.commands.map((one) => readTree(one, wordsOf)),
    flags: command.options.flatMap((option): readonly FlagWords[] => {
      if (option.long === undefined || option.long === null) return [];
      return [
        {
          short: option.short ?? undefined,
          long: option.long,
          description: option.description,
          takesValue: option.required || option.optional,
          choices: option.argChoices ?? [],
          isPath: option.flags.includes('<path>'),
        },
      ];
    }),
    arguments: command.registeredArguments.map((argument) => wordsOf(command.name(), argument.name())),
  };
}
