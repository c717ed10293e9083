/**
 * Streams of the bus (JetStream), for the hub: made and checked, appended to on condition, followed without gaps.
 *
 * Reading order: jetstream-error, stream-config, publish (one try), settle (what an unknown outcome came to), read-message,
 * ask-again, continuity, follow.
 */
export { type AskOptions, askAgain } from './ask-again.ts';
export { StreamLostError } from './continuity.ts';
export { type FollowOptions, type FollowStart, followStream } from './follow.ts';
export { JetStreamRefusedError } from './jetstream-error.ts';
export { type PublishOutcome, type PublishRequest, publishOnce } from './publish.ts';
export { firstAfter, lastOf, purgeSubject, type StoredMessage, streamBounds } from './read-message.ts';
export { appendConditionally, type SettledAppend, type SettleOptions } from './settle.ts';
export { ensureStream, StreamMismatchError, type StreamSettings } from './stream-config.ts';
