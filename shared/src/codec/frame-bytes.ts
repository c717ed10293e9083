import type { Result } from '../base/index.ts';
import { err, limits } from '../base/index.ts';
import type { CodecError } from './field-check.ts';

/** Bytes to message to model: too many bytes and bytes that are no message are errors like any other. */
export function frameFromBytes<Message, T>(
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => Message,
  decode: (message: Message) => Result<T, CodecError>,
): Result<T, CodecError> {
  if (bytes.length > limits.frameBytesMax) {
    return err({
      path: '',
      text: `frame has ${bytes.length} bytes; at most ${limits.frameBytesMax} are allowed`,
    });
  }
  const message = messageFromBytes(bytes, parse);
  return message.ok ? decode(message.value) : message;
}

/** Bytes to message. The generated readers throw on bytes that are no message; here that becomes a value. */
export function messageFromBytes<Message>(
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => Message,
): Result<Message, CodecError> {
  try {
    return { ok: true, value: parse(bytes) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return err({ path: '', text: `not a protocol buffer: ${text}` });
  }
}
