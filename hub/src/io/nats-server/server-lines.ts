import type { ChildExit, Logger } from '@flotilla/shared/kit';

/** `[123] 2026/11/23 22:26:37.903829 [INF] Server is ready`. */
const linePattern = /^\[\d+\] \S+ \S+ \[([A-Z]{3})\] (.*)$/;

/** Passes a line of the server on at its own level; what it says in passing is for debugging. */
export function logServerLine(log: Logger, line: string): void {
  const [, level, text = line] = linePattern.exec(line) ?? [];
  const fields = { child: 'nats-server', line: text };
  if (level === 'FTL') log.error('bus server', fields);
  else if (level === 'ERR' || level === 'WRN') log.warn('bus server', fields);
  else log.debug('bus server', fields);
}

/** How a server ended, and the last thing that it said. */
export function lastWords(exit: ChildExit): string {
  const how = exit.signal === undefined ? `exit code ${exit.code}` : exit.signal;
  const line = exit.lastLines.findLast((candidate) => candidate.trim() !== '');
  return line === undefined ? how : `${how}, its last line: ${line}`;
}
