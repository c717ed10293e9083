/** When the caller may try the same thing again: `now`, after a `backoff`, or `never` without a change. */
export type RetryAdvice = 'now' | 'backoff' | 'never';

/** What a FlotillaError is made from. */
export interface ErrorDetails {
  /** Machine-readable, upper snake case; stable across releases. */
  readonly code: string;
  readonly retry: RetryAdvice;
  readonly cause?: unknown;
  /** What a person does about it: a clause in the imperative, without full stop; for errors that people are shown. */
  readonly advice?: string | undefined;
}

/**
 * A failed I/O operation, wrapped once per layer with what was attempted on what.
 * Messages are lower case, without full stop and without secrets.
 */
export class FlotillaError extends Error {
  override readonly name: string = 'FlotillaError';
  readonly code: string;
  readonly retry: RetryAdvice;
  readonly advice: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.retry = details.retry;
    this.advice = details.advice;
  }
}

/** What a person does about an error: the outermost advice of it and its causes; undefined when nobody knows. */
export function adviceOf(caught: unknown): string | undefined {
  let current: unknown = caught;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if (current instanceof FlotillaError && current.advice !== undefined) return current.advice;
    current = current.cause;
  }
  return undefined;
}

/** Turns whatever was caught into an Error without losing its text. */
export function fromUnknown(caught: unknown): Error {
  if (caught instanceof Error) return caught;
  return new Error(typeof caught === 'string' ? caught : JSON.stringify(caught) || String(caught));
}

/** True for the error that an AbortSignal raises; an abort is not a failure. */
export function isAbort(caught: unknown): boolean {
  return caught instanceof Error && (caught.name === 'AbortError' || errorCode(caught) === 'ABORT_ERR');
}

/** The `code` of a Node or Flotilla error, if it has one that is a string. */
export function errorCode(caught: unknown): string | undefined {
  if (typeof caught !== 'object' || caught === null || !('code' in caught)) return undefined;
  return typeof caught.code === 'string' ? caught.code : undefined;
}

/** The messages of an error and of its causes, outermost first, joined by `: `. */
export function describeError(caught: unknown): string {
  const parts: string[] = [];
  let current: unknown = caught;
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    const error = fromUnknown(current);
    const text = error.message || errorCode(error) || error.name;
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    current = error.cause;
  }
  return parts.join(': ');
}

/** The same, and then what a person does about it, where somebody knows. */
export function describeWithAdvice(caught: unknown): string {
  const advice = adviceOf(caught);
  return advice === undefined ? describeError(caught) : `${describeError(caught)}; ${advice}`;
}
