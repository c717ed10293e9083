import { headers, type Msg } from '@nats-io/transport-node';
import type { BusMessage } from './bus.ts';

/** Headers in the library's form. */
export function headersOf(fields: { readonly [name: string]: string }): ReturnType<typeof headers> {
  const made = headers();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
}

/** A message in our form. */
export function messageOf(message: Msg): BusMessage {
  return {
    subject: message.subject,
    reply: message.reply,
    data: message.data,
    header: (name) => (message.headers?.has(name) ? message.headers.get(name) : undefined),
  };
}
