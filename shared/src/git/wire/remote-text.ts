import { limits } from '../../base/index.ts';

/** Words that a server sent, made fit for a message: one line, printable, at most `limits.gitTextMax` characters. */
export function remoteText(text: string): string {
  const line = text.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ').trim();
  return line.length > limits.gitTextMax ? `${line.slice(0, limits.gitTextMax)}…` : line;
}
