import { FlotillaError } from '@flotilla/shared/base';

/** The NATS server that the hub runs itself cannot be used; a person must act. */
export class NatsServerError extends FlotillaError {
  override readonly name = 'NatsServerError';
}

/** An error about the server; nothing that is tried again without a change helps. */
export function natsServerError(code: string, message: string, cause?: unknown): NatsServerError {
  return new NatsServerError(message, { code, retry: 'never', cause });
}
