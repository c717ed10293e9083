/**
 * Packs (gitformat-pack): taken in whole and bounded, then read object by object into a store.
 * Reading order: pack-entry, delta, pack-inflate, pack-spool, ingest-pack; scan-pack is the variant that keeps nothing.
 */
export { type IngestSummary, ingestPack } from './ingest-pack.ts';
export { type PackSpool, spoolPack } from './pack-spool.ts';
export { scanPack } from './scan-pack.ts';
