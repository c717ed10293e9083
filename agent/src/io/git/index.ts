/**
 * What an assignment takes from Git, on disk and verified. Reading order: content, fetch-batches (one request for the
 * assignments of one commit), recent-trees (what a fetch may say it has).
 */
export { type ContentReader, type ContentSettings, openContentReader } from './content.ts';
