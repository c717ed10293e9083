/**
 * The newest report of each cluster, on JetStream: stream FLOTILLA_STATUS of account FLEET.
 * Reading order: streams, status-stream.
 */
export { openStatusStream } from './status-stream.ts';
export { eventsStream, statusStream, statusStreamName } from './streams.ts';
