import * as wire from '@flotilla/proto/assignment';
import type { HubId, Result } from '../base/index.ts';
import { assertNever, limits, parseClusterName, parseHubId } from '../base/index.ts';
import type { Delta, HubFrame, RejectedRow, Welcome } from '../model/index.ts';
import { refusalCodes, wordOr } from './enum-map.ts';
import type { CodecError } from './field-check.ts';
import { bytesOf, describeCodecError, FieldCheck } from './field-check.ts';
import { frameFromBytes } from './frame-bytes.ts';
import { decodeAssignment, decodeRemoval, decodeVersion, encodeAssignment, encodeRemoval } from './row.ts';
import { cutText, wireUint32, wireWhole } from './wire-number.ts';

/** A hub's frame as bytes for the stream. Never fails; texts for people are cut to their bound. */
export function hubFrameToBytes(frame: HubFrame): Uint8Array {
  return wire.HubFrame.encode(encodeHubFrame(frame)).finish();
}

/** A hub's frame from the stream. Undefined for a kind that this program does not know: it is ignored. */
export function hubFrameFromBytes(bytes: Uint8Array): Result<HubFrame | undefined, CodecError> {
  return frameFromBytes(bytes, wire.HubFrame.decode, decodeHubFrame);
}

/** A hub's frame as a message. */
export function encodeHubFrame(frame: HubFrame): wire.HubFrame {
  switch (frame.kind) {
    case 'welcome':
      return { frame: { $case: 'welcome', value: encodeWelcome(frame) } };
    case 'delta':
      return { frame: { $case: 'delta', value: encodeDelta(frame.delta) } };
    case 'agreed':
      return { frame: { $case: 'agreed', value: { heldDigest: bytesOf(frame.heldDigest) } } };
    case 'not-ready':
      return {
        frame: {
          $case: 'notReady',
          value: { retryAfterMs: wireUint32(frame.retryAfterMs), reason: cutText(frame.reason) },
        },
      };
    case 'heartbeat':
      return {
        frame: {
          $case: 'heartbeat',
          value: {
            desiredDigest: bytesOf(frame.desiredDigest),
            reportSeq: wireWhole(frame.reportSeq),
            wantReport: frame.wantReport,
          },
        },
      };
    case 'drain':
      return {
        frame: {
          $case: 'drain',
          value: { reconnectAfterMs: wireUint32(frame.reconnectAfterMs), reason: cutText(frame.reason) },
        },
      };
    case 'refused':
      return {
        frame: {
          $case: 'refused',
          value: {
            code: refusalCodes.toWire[frame.code],
            text: cutText(frame.text),
            retryAfterMs: wireUint32(frame.retryAfterMs),
          },
        },
      };
    default:
      return assertNever(frame);
  }
}

/** A hub's frame in the model's words; undefined for a kind that this program does not know. */
export function decodeHubFrame(message: wire.HubFrame): Result<HubFrame | undefined, CodecError> {
  const check = new FieldCheck();
  return check.result(message.frame && readFrame(check, message.frame));
}

function readFrame(check: FieldCheck, frame: NonNullable<wire.HubFrame['frame']>): HubFrame {
  switch (frame.$case) {
    case 'welcome':
      return decodeWelcome(check.at('welcome'), frame.value);
    case 'delta':
      return { kind: 'delta', delta: decodeDelta(check.at('delta'), frame.value) };
    case 'agreed':
      return { kind: 'agreed', heldDigest: check.digest(frame.value.heldDigest, 'agreed.held_digest') };
    case 'notReady':
      return {
        kind: 'not-ready',
        retryAfterMs: frame.value.retryAfterMs,
        reason: cutText(frame.value.reason),
      };
    case 'heartbeat':
      return {
        kind: 'heartbeat',
        desiredDigest: check.digest(frame.value.desiredDigest, 'heartbeat.desired_digest'),
        reportSeq: check.whole(frame.value.reportSeq, 'heartbeat.report_seq'),
        wantReport: frame.value.wantReport,
      };
    case 'drain':
      return {
        kind: 'drain',
        reconnectAfterMs: frame.value.reconnectAfterMs,
        reason: cutText(frame.value.reason),
      };
    case 'refused':
      return {
        kind: 'refused',
        code: wordOr(refusalCodes, frame.value.code, 'RETRY'),
        text: cutText(frame.value.text),
        retryAfterMs: frame.value.retryAfterMs,
      };
    default:
      return assertNever(frame);
  }
}

function encodeWelcome(welcome: Welcome): wire.Welcome {
  return {
    protocolVersion: welcome.protocolVersion,
    hubId: welcome.hubId,
    epoch: wireWhole(welcome.epoch),
    incarnation: wireWhole(welcome.incarnation),
    clusterName: welcome.clusterName,
    hubVersion: cutText(welcome.hubVersion, limits.frameNameMax),
    clusterLabels: { ...welcome.clusterLabels },
    capabilities: welcome.capabilities,
    reconnectCapMs: welcome.reconnectCapMs ?? 0,
  };
}

function decodeWelcome(check: FieldCheck, welcome: wire.Welcome): Welcome {
  return {
    kind: 'welcome',
    protocolVersion: welcome.protocolVersion,
    // Stand-ins of a frame that is refused; they never leave the codec.
    hubId: check.parsed(welcome.hubId, 'hub_id', { parse: parseHubId, standIn: '' as HubId }),
    epoch: check.whole(welcome.epoch, 'epoch'),
    incarnation: check.whole(welcome.incarnation, 'incarnation'),
    clusterName: check.parsed(welcome.clusterName, 'cluster_name', {
      parse: parseClusterName,
      standIn: '' as Welcome['clusterName'],
    }),
    hubVersion: cutText(welcome.hubVersion, limits.frameNameMax),
    clusterLabels: check.map(welcome.clusterLabels, 'cluster_labels', limits.reasonTextMax),
    capabilities: check.words(welcome.capabilities, 'capabilities'),
    reconnectCapMs: welcome.reconnectCapMs === 0 ? undefined : welcome.reconnectCapMs,
  };
}

function encodeDelta(delta: Delta): wire.Delta {
  return {
    nonce: wireWhole(delta.nonce),
    upserts: delta.upserts.map(encodeAssignment),
    removals: delta.removals.map(encodeRemoval),
    complete: delta.isComplete,
  };
}

/**
 * Rows that do not decode become `malformed` entries, so that the other rows of the delta are still taken. Only a row
 * that cannot even be named (placement or version malformed) refuses the frame.
 */
function decodeDelta(check: FieldCheck, delta: wire.Delta): Delta {
  const malformed: RejectedRow[] = [];
  const upserts = readRows(check, malformed, {
    rows: delta.upserts,
    field: 'upserts',
    decode: decodeAssignment,
  });
  const removals = readRows(check, malformed, {
    rows: delta.removals,
    field: 'removals',
    decode: decodeRemoval,
  });
  return {
    nonce: check.whole(delta.nonce, 'nonce', 1),
    upserts,
    removals,
    malformed,
    isComplete: delta.complete,
  };
}

type Named = Pick<RejectedRow, 'placement' | 'version'>;

function readRows<
  Wire extends { readonly placement: string; readonly version: wire.RowVersion | undefined },
  T,
>(
  check: FieldCheck,
  malformed: RejectedRow[],
  from: {
    readonly rows: readonly Wire[];
    readonly field: string;
    readonly decode: (check: FieldCheck, row: Wire, known: Named) => T | undefined;
  },
): readonly T[] {
  const good: T[] = [];
  check.list(
    from.rows,
    from.field,
    (frameCheck, row) => {
      const known = {
        placement: frameCheck.placement(row.placement),
        version: decodeVersion(frameCheck, row.version),
      };
      const rowCheck = new FieldCheck();
      const decoded = from.decode(rowCheck, row, known);
      const result = rowCheck.result(decoded);
      const problem = rowCheck.problems[0];
      if (result.ok && result.value !== undefined) good.push(result.value);
      else if (!result.ok && problem !== undefined) {
        malformed.push({ ...known, code: problem.code, text: cutText(describeCodecError(result.error)) });
      }
    },
    limits.assignmentsPerClusterMax,
  );
  return good;
}
