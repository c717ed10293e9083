import { FlotillaError } from '@flotilla/shared/base';

/** An outside program cannot be had; the message says which, why, and the ways out. */
export class ToolError extends FlotillaError {
  override readonly name: string = 'ToolError';

  constructor(message: string, cause?: unknown) {
    super(message, { code: 'TOOL_MISSING', retry: 'never', cause });
  }
}

/**
 * A place that does not have the program, for a reason that does not speak against trying the next place:
 * no network, no such file, no checksum published.
 */
export class NotHere extends Error {
  override readonly name: string = 'NotHere';
}
