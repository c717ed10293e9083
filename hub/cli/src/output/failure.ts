import type { CliError } from '../cli-error.ts';
import type { Terminal } from '../terminal.ts';
import { errorDocument, errorLines } from './error-lines.ts';
import { writeDocument } from './item-writer.ts';

/**
 * Tells a failure: people read it on stderr; with `-o json` or `-o yaml` stdout gets a document of its own, unless what
 * was printed already ends with the error.
 */
export async function writeFailure(
  failure: CliError,
  words: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const format = wantedFormat(words);
  if (format !== undefined && !failure.isTold) await writeDocument(errorDocument(failure), format, terminal);
  for (const line of errorLines(failure.problem, terminal.programName, terminal.paintSaid))
    terminal.say(line);
}

/** What `-o` says, also when the words could not be understood otherwise. */
function wantedFormat(words: readonly string[]): 'json' | 'yaml' | undefined {
  const text = ` ${words.join(' ')} `;
  const [, format] = / (?:-o[ =]?|--output[ =])(json|yaml) /.exec(text) ?? [];
  return format === 'json' || format === 'yaml' ? format : undefined;
}
