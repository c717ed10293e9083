/** Colours of the levels as SGR codes: red, yellow, cyan, grey. */
const colours: { readonly [level: string]: number } = { error: 31, warn: 33, info: 36, debug: 90 };

/**
 * One JSON log line as people read it: `12:03:04.125 WARN  the bus is away  loop=status error="connection refused"`.
 * A line that is not JSON is given back as it is.
 */
export function formatLogLine(line: string, withColour: boolean): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const { level, time, message, program: _program, error, ...fields } = record;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const name = String(level ?? 'info');
  const shown = paint(name.toUpperCase().padEnd(5), withColour ? colours[name] : undefined);
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${formatValue(value)}`);
  const cause = errorText(error);
  if (cause !== '') rest.push(`error=${JSON.stringify(cause)}`);
  const tail = rest.length === 0 ? '' : `  ${paint(rest.join(' '), withColour ? 90 : undefined)}`;
  return `${clock} ${shown} ${String(message ?? '')}${tail}\n`;
}

function parseRecord(line: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'text' in error) return String(error.text);
  return error === undefined ? '' : String(error);
}

function formatValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function paint(text: string, colour: number | undefined): string {
  return colour === undefined ? text : `\u001b[${colour}m${text}\u001b[0m`;
}
