import * as wire from '@flotilla/proto/assignment';
import type { Result } from '../base/index.ts';
import { assertNever, limits, parseHubId } from '../base/index.ts';
import type { Ack, AgentFrame, Hello, RowClaim } from '../model/index.ts';
import { rejectionCodes, wordOr } from './enum-map.ts';
import type { CodecError } from './field-check.ts';
import { bytesOf, FieldCheck } from './field-check.ts';
import { frameFromBytes } from './frame-bytes.ts';
import { decodeProof, decodeVersion, encodeVersion } from './row.ts';
import type { Compressor } from './status-envelope.ts';
import { decodeStatusEnvelope, encodeStatusEnvelope } from './status-envelope.ts';
import { cutText, wireWhole } from './wire-number.ts';

/** An agent's frame as bytes for the stream. Never fails; texts for people are cut to their bound. */
export function agentFrameToBytes(frame: AgentFrame, compressor: Compressor): Uint8Array {
  return wire.AgentFrame.encode(encodeAgentFrame(frame, compressor)).finish();
}

/** An agent's frame from the stream. Undefined for a kind that this program does not know: it is ignored. */
export function agentFrameFromBytes(
  bytes: Uint8Array,
  compressor: Compressor,
): Result<AgentFrame | undefined, CodecError> {
  return frameFromBytes(bytes, wire.AgentFrame.decode, (message) => decodeAgentFrame(message, compressor));
}

/** An agent's frame as a message. */
export function encodeAgentFrame(frame: AgentFrame, compressor: Compressor): wire.AgentFrame {
  switch (frame.kind) {
    case 'hello':
      return { frame: { $case: 'hello', value: encodeHello(frame) } };
    case 'ack':
      return { frame: { $case: 'ack', value: encodeAck(frame.ack) } };
    case 'heartbeat':
      return {
        frame: {
          $case: 'heartbeat',
          value: { heldDigest: bytesOf(frame.heldDigest), reportSeq: wireWhole(frame.reportSeq) },
        },
      };
    case 'report':
      return { frame: { $case: 'report', value: encodeStatusEnvelope(frame.report, compressor) } };
    default:
      return assertNever(frame);
  }
}

/** An agent's frame in the model's words; undefined for a kind that this program does not know. */
export function decodeAgentFrame(
  message: wire.AgentFrame,
  compressor: Compressor,
): Result<AgentFrame | undefined, CodecError> {
  const { frame } = message;
  if (frame?.$case === 'report') {
    const report = decodeStatusEnvelope(frame.value, compressor);
    return report.ok ? { ok: true, value: { kind: 'report', report: report.value } } : report;
  }
  const check = new FieldCheck();
  return check.result(frame && readFrame(check, frame));
}

type OtherFrame = Exclude<NonNullable<wire.AgentFrame['frame']>, { readonly $case: 'report' }>;

function readFrame(check: FieldCheck, frame: OtherFrame): AgentFrame {
  switch (frame.$case) {
    case 'hello':
      return decodeHello(check.at('hello'), frame.value);
    case 'ack':
      return { kind: 'ack', ack: decodeAck(check.at('ack'), frame.value) };
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        heldDigest: check.digest(frame.value.heldDigest, 'heartbeat.held_digest'),
        reportSeq: check.whole(frame.value.reportSeq, 'heartbeat.report_seq'),
      };
    default:
      return assertNever(frame);
  }
}

function encodeHello(hello: Hello): wire.Hello {
  return {
    protocolVersions: hello.protocolVersions,
    agentVersion: cutText(hello.agentVersion, limits.frameNameMax),
    incarnation: wireWhole(hello.incarnation),
    session: wireWhole(hello.session),
    hubId: hello.hubId ?? '',
    epoch: wireWhole(hello.epoch),
    held: hello.held.map(encodeClaim),
    heldDigest: bytesOf(hello.heldDigest),
    kubeSystemUid: cutText(hello.kubeSystemUid, limits.frameNameMax),
    capabilities: hello.capabilities,
  };
}

function decodeHello(check: FieldCheck, hello: wire.Hello): Hello {
  return {
    kind: 'hello',
    protocolVersions: check.list(hello.protocolVersions, 'protocol_versions', (_, version) => version),
    agentVersion: cutText(hello.agentVersion, limits.frameNameMax),
    incarnation: check.whole(hello.incarnation, 'incarnation', 1),
    session: check.whole(hello.session, 'session', 1),
    hubId: check.parsedOrNone(hello.hubId, 'hub_id', parseHubId),
    epoch: check.whole(hello.epoch, 'epoch'),
    held: check.list(hello.held, 'held', decodeClaim, limits.assignmentsPerClusterMax),
    heldDigest: check.digest(hello.heldDigest, 'held_digest'),
    kubeSystemUid: cutText(hello.kubeSystemUid, limits.frameNameMax),
    capabilities: check.words(hello.capabilities, 'capabilities'),
  };
}

function encodeClaim(claim: RowClaim): wire.RowClaim {
  return {
    placement: claim.placement,
    version: encodeVersion(claim.version),
    variantDigest: bytesOf(claim.variantDigest),
    eventHash: bytesOf(claim.proof.eventHash),
    mac: bytesOf(claim.proof.mac),
    removed: claim.isRemoved,
  };
}

function decodeClaim(check: FieldCheck, claim: wire.RowClaim): RowClaim {
  return {
    placement: check.placement(claim.placement),
    version: decodeVersion(check, claim.version),
    variantDigest: check.digest(claim.variantDigest, 'variant_digest'),
    proof: decodeProof(check, claim),
    isRemoved: claim.removed,
  };
}

function encodeAck(ack: Ack): wire.Ack {
  return {
    nonce: wireWhole(ack.nonce),
    accepted: ack.accepted.map((row) => ({ placement: row.placement, version: encodeVersion(row.version) })),
    rejected: ack.rejected.map((row) => ({
      placement: row.placement,
      version: encodeVersion(row.version),
      code: rejectionCodes.toWire[row.code],
      text: cutText(row.text),
    })),
  };
}

function decodeAck(check: FieldCheck, ack: wire.Ack): Ack {
  return {
    nonce: check.whole(ack.nonce, 'nonce', 1),
    accepted: check.list(
      ack.accepted,
      'accepted',
      (inner, row) => ({
        placement: inner.placement(row.placement),
        version: decodeVersion(inner, row.version),
      }),
      limits.assignmentsPerClusterMax,
    ),
    rejected: check.list(
      ack.rejected,
      'rejected',
      (inner, row) => ({
        placement: inner.placement(row.placement),
        version: decodeVersion(inner, row.version),
        code: wordOr(rejectionCodes, row.code, 'UNKNOWN'),
        text: cutText(row.text),
      }),
      limits.assignmentsPerClusterMax,
    ),
  };
}
