import { apiVersion, type Problem } from '@flotilla/shared/model';
import type { CliError } from '../cli-error.ts';
import { commandText } from '../terminal.ts';
import type { Painter } from './colour.ts';
import { printable } from './printable.ts';

/** A failure as people read it: what, why, what is still true, what to type next. */
export function errorLines(problem: Problem, programName: string, paint: Painter): readonly string[] {
  const lines = [
    `${paint('error', 'bad')}: ${printable(problem.text)} ${paint(`(${problem.code})`, 'quiet')}`,
  ];
  if (problem.cause !== undefined) lines.push(`  why:   ${printable(problem.cause)}`);
  if (problem.stillTrue !== undefined) lines.push(`  still: ${printable(problem.stillTrue)}`);
  if (problem.next !== undefined) lines.push(`  next:  ${commandText(programName, printable(problem.next))}`);
  return lines;
}

/** A failure as programs read it. */
export interface ErrorDocument {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'Error';
  readonly error: Problem & { readonly exitCode: number };
}

/** The document that stands on stdout when `-o json` or `-o yaml` was asked for and the command failed. */
export function errorDocument({ problem, exitCode }: CliError): ErrorDocument {
  return { apiVersion, kind: 'Error', error: { ...problem, exitCode } };
}
