/**
 * Who may become, and stay, a cluster of the fleet: pure rules over stored records.
 * Reading order: token-record, new-token, judge-token, name-claim, judge-name, registration, cluster-record,
 * judge-peer; record-fields.
 */
export * from './cluster-record.ts';
export * from './judge-name.ts';
export * from './judge-peer.ts';
export * from './judge-token.ts';
export * from './name-claim.ts';
export * from './new-token.ts';
export type { RecordProblem } from './record-fields.ts';
export * from './registration.ts';
export * from './token-record.ts';
