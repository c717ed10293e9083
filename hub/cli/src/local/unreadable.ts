import { type Problem, problemCodes } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';

/** A folder, a revision or a file of this machine that cannot be read. */
export function unreadable(text: string, more: Pick<Problem, 'cause' | 'next'> = {}): CliError {
  return new CliError({ code: problemCodes.localUnreadable, text, ...more }, exitCodes.usage);
}
