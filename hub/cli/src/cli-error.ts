import { FlotillaError } from '@flotilla/shared/base';
import { type Problem, problemCodes } from '@flotilla/shared/model';
import { type ExitCode, exitCodes } from './exit-code.ts';

/** A command that could not do what it was asked; carries what people read and how the program ends. */
export class CliError extends FlotillaError {
  override readonly name = 'CliError';
  readonly problem: Problem;
  readonly exitCode: ExitCode;
  /** Data has been printed already and tells of the failure itself: stdout must not get another document. */
  readonly isTold: boolean;

  constructor(problem: Problem, exitCode: ExitCode, cause?: unknown, isTold = false) {
    super(problem.text, { code: problem.code, retry: 'never', cause });
    this.problem = problem;
    this.exitCode = exitCode;
    this.isTold = isTold;
  }

  /** The same failure, after data that ends with it. */
  afterOutput(): CliError {
    return new CliError(this.problem, this.exitCode, this.cause, true);
  }
}

/** The command itself is wrong. */
export function usageError(
  text: string,
  more: { readonly cause?: string; readonly next?: string } = {},
): CliError {
  return new CliError({ code: problemCodes.usage, text, ...more }, exitCodes.usage);
}
