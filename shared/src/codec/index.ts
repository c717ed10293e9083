/**
 * L3: wire <-> model, total both ways. Generated types end here; every field is checked, every error names its field.
 * Reading order: field-check, enum-map, wire-number, row, variant, hub-frame, agent-frame, report, status-envelope,
 * trim-report, stored-row.
 */
export { agentFrameFromBytes, agentFrameToBytes, decodeAgentFrame, encodeAgentFrame } from './agent-frame.ts';
export { type CodecError, describeCodecError } from './field-check.ts';
export { decodeHubFrame, encodeHubFrame, hubFrameFromBytes, hubFrameToBytes } from './hub-frame.ts';
export { reportFormat, reportFromBytes, reportToBytes } from './report.ts';
export {
  type Compressor,
  decodeStatusEnvelope,
  encodeStatusEnvelope,
  reportOfPayload,
  statusPayloadOf,
} from './status-envelope.ts';
export { encodeStoredRow, parseStoredRow, type StoredRowError, storedRowFormat } from './stored-row.ts';
export { trimLevelMax, trimReport } from './trim-report.ts';
