/**
 * The connection to the bus (NATS), behind one wrapper: it reconnects for ever, takes rotated credentials and roots,
 * refuses servers that are too old, and tells "not sent" from "sent, outcome unknown".
 *
 * Reading order: bus-error.ts, bus.ts (what callers use), library-options.ts (TLS, credentials,
 * pauses), server-version.ts, message.ts, life.ts, connect-bus.ts, pub-ack.ts.
 */
export type { Bus, BusCredentials, BusMessage, BusOptions, BusRequest } from './bus.ts';
export { BusError, type BusErrorCode } from './bus-error.ts';
export { connectBus } from './connect-bus.ts';
export { type PubAck, parsePubAck } from './pub-ack.ts';
