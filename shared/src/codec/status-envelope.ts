import * as wire from '@flotilla/proto/status';
import type { Result } from '../base/index.ts';
import { AssertionError, err, limits } from '../base/index.ts';
import type { Report } from '../model/index.ts';
import type { CodecError } from './field-check.ts';
import { messageFromBytes } from './frame-bytes.ts';
import { reportFromBytes, reportToBytes } from './report.ts';
import { trimLevelMax, trimReport } from './trim-report.ts';

/** gzip (RFC 1952), handed in so that the codec itself does no I/O. shared/kit has the real one. */
export interface Compressor {
  deflate(bytes: Uint8Array): Uint8Array;
  /** Undefined when the bytes are no gzip stream or would inflate to more than `bytesMax`. */
  inflate(bytes: Uint8Array, bytesMax: number): Uint8Array | undefined;
}

/**
 * Below this a body is sent as it is: the kilobyte that gzip saves of a report about ten assignments costs the agent as much
 * processor time as all else of its report, and a hub with 1,000 of them more than decoding it.
 */
const worthCompressingBytes = 4_096;

/** A report as the payload of one status message: trimmed in the fixed order until it fits 512 KiB compressed. */
export function statusPayloadOf(report: Report, compressor: Compressor): Uint8Array {
  return wire.StatusEnvelope.encode(encodeStatusEnvelope(report, compressor)).finish();
}

/** The report in the payload of one status message. */
export function reportOfPayload(payload: Uint8Array, compressor: Compressor): Result<Report, CodecError> {
  const envelope = messageFromBytes(payload, wire.StatusEnvelope.decode);
  return envelope.ok ? decodeStatusEnvelope(envelope.value, compressor) : envelope;
}

/** A report in its envelope. */
export function encodeStatusEnvelope(report: Report, compressor: Compressor): wire.StatusEnvelope {
  for (let level = 0; level <= trimLevelMax; level += 1) {
    const plain = reportToBytes(level === 0 ? report : trimReport(report, level));
    if (plain.length > limits.statusInflatedBytesMax) continue;
    const envelope = envelopeOf(plain, compressor);
    if (envelope.body.length <= limits.statusDocumentBytesMax) return envelope;
  }
  throw new AssertionError('a report of at most assignmentsPerClusterMax entries fits when fully trimmed');
}

function envelopeOf(plain: Uint8Array, compressor: Compressor): wire.StatusEnvelope {
  return plain.length < worthCompressingBytes
    ? { compression: wire.Compression.NONE, body: asBuffer(plain) }
    : { compression: wire.Compression.GZIP, body: asBuffer(compressor.deflate(plain)) };
}

/** The report in an envelope; oversized bodies, bombs and unknown compressions are errors. */
export function decodeStatusEnvelope(
  envelope: wire.StatusEnvelope,
  compressor: Compressor,
): Result<Report, CodecError> {
  const { body, compression } = envelope;
  if (body.length > limits.statusDocumentBytesMax) {
    return problem('body', `has ${body.length} bytes; at most ${limits.statusDocumentBytesMax} are allowed`);
  }
  if (compression === wire.Compression.NONE) return reportFromBytes(body);
  if (compression !== wire.Compression.GZIP) {
    return problem('compression', `value ${compression} is not known to this program`);
  }
  const plain = compressor.inflate(body, limits.statusInflatedBytesMax);
  return plain === undefined
    ? problem('body', `is not gzip, or inflates to more than ${limits.statusInflatedBytesMax} bytes`)
    : reportFromBytes(plain);
}

function problem(path: string, text: string): Result<never, CodecError> {
  return err({ path, text });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
