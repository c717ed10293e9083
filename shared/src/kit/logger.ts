import pino from 'pino';
import { describeError, errorCode } from '../base/index.ts';
import type { LogFields } from './log-fields.ts';
import { formatLogLine } from './log-text.ts';

/** Levels, most important first: a person must act; degraded and retrying; state changed; why. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/** `json`: one object a line; `text`: for people at a terminal; `auto`: text on a terminal, else JSON. */
export type LogFormat = 'auto' | 'json' | 'text';

/** Where a loop or adapter says what happens. The message is short and static; data goes into fields. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger whose lines carry these fields too; one for each loop. */
  child(fields: LogFields): Logger;
}

/** What a logger is made from. */
export interface LoggerOptions {
  /** The program's name, on every JSON line as `program`. */
  readonly program: string;
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes finished lines; stderr unless said. stdout belongs to data. */
  readonly output?: LogOutput;
  /** No colours even on a terminal (NO_COLOR). */
  readonly isPlain?: boolean;
}

/** Where lines go. */
export interface LogOutput {
  readonly isTTY?: boolean | undefined;
  write(line: string): unknown;
}

/** Field names whose value is never written, at any of three depths. */
const secretNames: ReadonlySet<string> = new Set([
  'authorization',
  'credential_value',
  'jwt',
  'macKey',
  'mac_key',
  'natsSeed',
  'password',
  'privateKey',
  'privateKeyPem',
  'secret',
  'seed',
  'token',
]);

const depthMax = 3;

/** Makes the program's logger. Writing is synchronous: the last words before a crash are not lost. */
export function createLogger(options: LoggerOptions): Logger {
  const output = options.output ?? process.stderr;
  const isText = options.format === 'text' || (options.format === 'auto' && output.isTTY === true);
  const withColour = output.isTTY === true && options.isPlain !== true;
  const sink = isText ? { write: (line: string) => output.write(formatLogLine(line, withColour)) } : output;
  const root = pino(
    {
      level: options.level,
      base: { program: options.program },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (fields) => hideSecrets(fields) },
      serializers: { error: serializeError },
    },
    sink,
  );
  return wrap(root);
}

/** A logger that says nothing, for tests and tools. */
export const silentLogger: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  child: () => silentLogger,
};

function wrap(target: pino.Logger): Logger {
  return {
    error: (message, fields) => target.error(fields ?? {}, message),
    warn: (message, fields) => target.warn(fields ?? {}, message),
    info: (message, fields) => target.info(fields ?? {}, message),
    debug: (message, fields) => target.debug(fields ?? {}, message),
    child: (fields) => wrap(target.child(hideSecrets({ ...fields }))),
  };
}

/** The same object where nothing is to hide, which is always so where the types were heeded. An error has its own serializer. */
function hideSecrets(fields: Record<string, unknown>, depth = 1): Record<string, unknown> {
  let shown = fields;
  for (const key in fields) {
    const value = fields[key];
    const safe = safeValue(key, value, depth);
    if (safe === value) continue;
    if (shown === fields) shown = { ...fields };
    shown[key] = safe;
  }
  return shown;
}

function safeValue(key: string, value: unknown, depth: number): unknown {
  if (secretNames.has(key)) return '[hidden]';
  return isNested(key, value, depth) ? hideSecrets(value, depth + 1) : value;
}

function isNested(key: string, value: unknown, depth: number): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && key !== 'error' && depth < depthMax;
}

/** An error as fields: its texts down the causes, its code, and where it was thrown. */
function serializeError(caught: unknown): object {
  const code = errorCode(caught);
  const stack = caught instanceof Error ? caught.stack : undefined;
  const text = maskCredentials(describeError(caught));
  return { text, ...(code === undefined ? {} : { code }), ...(stack && { stack: maskCredentials(stack) }) };
}

/** Hides what stands between `//` and `@` in URLs: errors of libraries quote the URL they were given. */
export function maskCredentials(text: string): string {
  return text.replace(/\/\/[^/\s@]+@/g, '//[hidden]@');
}
