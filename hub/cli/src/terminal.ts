import { type Painter, painterFor } from './output/colour.ts';

/** Where a command speaks: data on stdout, narration on stderr. */
export interface Terminal {
  /** Writes data; a line end is added. */
  readonly print: (text: string) => void;
  /** Tells something beside the data; a line end is added. */
  readonly say: (text: string) => void;
  /** For data. */
  readonly paint: Painter;
  /** For narration. */
  readonly paintSaid: Painter;
  /** Columns for data; undefined = not a terminal, nothing is cut. */
  readonly width: number | undefined;
  /** A person can be asked: stdin and stderr are terminals. */
  readonly canAsk: boolean;
  /** Asks a yes-or-no question there. Rejects with the signal's reason. */
  readonly isYes: (question: string, signal: AbortSignal) => Promise<boolean>;
  /** `flotilla`, or `kubectl flotilla`: how this program was called. */
  readonly programName: string;
}

/** The terminal of this process. */
export function processTerminal(programName: string): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const isTerminal = stdout.isTTY === true;
  return {
    print: (text) => stdout.write(`${text}\n`),
    say: (text) => stderr.write(`${text}\n`),
    paint: painterFor(env, isTerminal),
    paintSaid: painterFor(env, stderr.isTTY === true),
    width: isTerminal ? stdout.columns : undefined,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    isYes,
    programName,
  };
}

async function isYes(question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}

/** A command to type, as this program was called. */
export function commandText(programName: string, command: string): string {
  return command.replace(/^flotilla(?= |$)/, programName);
}
