/**
 * The event stream: one log of what changed, one ticker that collects changes for 250 ms, and for each reader a loop of
 * its own that sends the newest state of what changed since it last looked. A slow reader therefore costs one message
 * of buffer, never a queue, and hears that it lagged.
 * Reading order: change-log, ticker, frames, reader, open-stream.
 */
export { ChangeLog } from './change-log.ts';
export type { Interest } from './frames.ts';
export { type EventStreams, eventStreams } from './open-stream.ts';
export { startTicker } from './ticker.ts';
