import type * as wire from '@flotilla/proto/assignment';
import type { PlacementName, RolloutId } from '../base/index.ts';
import { assertNever, limits, parseGitId, parseRolloutId } from '../base/index.ts';
import type {
  AssignmentRow,
  Cause,
  DeliveredCredential,
  RemovalRow,
  RowProof,
  RowVersion,
  Variant,
} from '../model/index.ts';
import { removalModes, rowModes, wordOrProblem } from './enum-map.ts';
import { bytesOf, type FieldCheck } from './field-check.ts';
import {
  decodeApply,
  decodeContent,
  decodeHealth,
  decodePrune,
  decodeRender,
  encodeApply,
  encodeContent,
  encodeHealth,
  encodePrune,
  encodeRender,
} from './variant.ts';
import { cutText, wireWhole } from './wire-number.ts';

/** A version on the wire. */
export function encodeVersion(version: RowVersion): wire.RowVersion {
  return { epoch: wireWhole(version.epoch), seq: wireWhole(version.seq) };
}

/** A version in the model's words; both parts count from 1. */
export function decodeVersion(check: FieldCheck, version: wire.RowVersion | undefined): RowVersion {
  if (!check.present(version, 'version')) return { epoch: 1, seq: 1 };
  const inner = check.at('version');
  return { epoch: inner.whole(version.epoch, 'epoch', 1), seq: inner.whole(version.seq, 'seq', 1) };
}

/** The proof of a row or claim. */
export function decodeProof(
  check: FieldCheck,
  row: { readonly eventHash: Uint8Array; readonly mac: Uint8Array },
): RowProof {
  return { eventHash: check.digest(row.eventHash, 'event_hash'), mac: check.digest(row.mac, 'mac') };
}

/** An assignment row on the wire. */
export function encodeAssignment(row: AssignmentRow): wire.Assignment {
  const { variant } = row;
  return {
    placement: row.placement,
    version: encodeVersion(row.version),
    variantDigest: bytesOf(variant.digest),
    eventHash: bytesOf(row.proof.eventHash),
    mac: bytesOf(row.proof.mac),
    cause: encodeCause(row.cause),
    content: encodeContent(variant.content),
    render: encodeRender(variant.render),
    apply: encodeApply(variant.apply, row.placementAgeSeq ?? 0),
    health: encodeHealth(variant.health),
    prune: encodePrune(variant.prune, bytesOf(row.permittedPrune)),
    mode: rowModes.toWire[row.mode],
    suspension: row.suspension && { suspended: true, reason: cutText(row.suspension.reason) },
    rolloutId: row.rollout,
    credential: row.credential && encodeCredential(row.credential),
  };
}

/** An assignment row in the model's words; `known` was read before, so that a malformed row can still be named. */
export function decodeAssignment(
  check: FieldCheck,
  row: wire.Assignment,
  known: { readonly placement: PlacementName; readonly version: RowVersion },
): AssignmentRow | undefined {
  const variant = decodeVariant(check, row);
  const cause = decodeCause(check, row.cause);
  if (cause === undefined) check.fail('cause', 'is missing');
  const placementAgeSeq = check.whole(row.apply?.placementAgeSeq ?? 0n, 'apply.placement_age_seq');
  const decoded = {
    kind: 'assignment',
    placement: known.placement,
    version: known.version,
    proof: decodeProof(check, row),
    mode: wordOrProblem(rowModes, row.mode, { check, field: 'mode', standIn: 'adopt' }),
    rollout: check.parsed(row.rolloutId, 'rollout_id', rolloutId),
    suspension: row.suspension?.suspended ? { reason: cutText(row.suspension.reason) } : undefined,
    permittedPrune: check.digestOrNone(
      row.prune?.permittedListHash ?? bytesOf(''),
      'prune.permitted_list_hash',
    ),
    credential: row.credential && decodeCredential(check.at('credential'), row.credential),
    placementAgeSeq: placementAgeSeq === 0 ? undefined : placementAgeSeq,
  } as const;
  return variant === undefined || cause === undefined ? undefined : { ...decoded, variant, cause };
}

// Stands for an id in a message that is refused; it never leaves the codec.
const rolloutId = { parse: parseRolloutId, standIn: 'malformed-1' as RolloutId };

function decodeVariant(check: FieldCheck, row: wire.Assignment): Variant | undefined {
  const { content, render, apply, health, prune } = row;
  const digest = check.digest(row.variantDigest, 'variant_digest');
  if (
    !check.present(content, 'content') ||
    !check.present(render, 'render') ||
    !check.present(apply, 'apply') ||
    !check.present(health, 'health') ||
    !check.present(prune, 'prune')
  ) {
    return undefined;
  }
  return {
    digest,
    content: decodeContent(check.at('content'), content),
    render: decodeRender(check.at('render'), render),
    apply: decodeApply(check.at('apply'), apply),
    health: decodeHealth(check.at('health'), health),
    prune: decodePrune(prune),
  };
}

/** A removal row on the wire. */
export function encodeRemoval(row: RemovalRow): wire.Removal {
  return {
    placement: row.placement,
    version: encodeVersion(row.version),
    eventHash: bytesOf(row.proof.eventHash),
    mac: bytesOf(row.proof.mac),
    cause: encodeCause(row.cause),
    mode: removalModes.toWire[row.mode],
    permittedListHash: bytesOf(row.permittedPrune),
  };
}

/** A removal row in the model's words. One without cause or mode is CAUSE_MISSING, so that it never acts. */
export function decodeRemoval(
  check: FieldCheck,
  row: wire.Removal,
  known: { readonly placement: PlacementName; readonly version: RowVersion },
): RemovalRow | undefined {
  const cause = decodeCause(check, row.cause);
  if (cause === undefined) check.fail('cause', 'is missing', 'CAUSE_MISSING');
  const mode = wordOrProblem(removalModes, row.mode, {
    check,
    field: 'mode',
    standIn: 'orphan',
    unspecified: 'CAUSE_MISSING',
  });
  const proof = decodeProof(check, row);
  const permittedPrune = check.digestOrNone(row.permittedListHash, 'permitted_list_hash');
  const { placement, version } = known;
  return cause && { kind: 'removal', placement, version, proof, cause, mode, permittedPrune };
}

function encodeCause(cause: Cause): wire.Cause {
  return cause.kind === 'commit'
    ? { cause: { $case: 'commit', value: cause.commit } }
    : { cause: { $case: 'decision', value: cause.event } };
}

/** Undefined when nothing is said at all; a malformed cause is a problem. */
function decodeCause(check: FieldCheck, message: wire.Cause | undefined): Cause | undefined {
  const cause = message?.cause;
  if (cause === undefined || cause.value === '') return undefined;
  const inner = check.at('cause');
  switch (cause.$case) {
    case 'commit': {
      const commit = inner.parsedOrNone(cause.value, 'commit', parseGitId);
      return commit && { kind: 'commit', commit };
    }
    case 'decision':
      return { kind: 'decision', event: inner.word(cause.value, 'decision') };
    default:
      return assertNever(cause);
  }
}

function encodeCredential(credential: DeliveredCredential): wire.DeliveredCredential {
  const { name } = credential;
  switch (credential.kind) {
    case 'token':
      return { name, secret: { $case: 'token', value: credential.token } };
    case 'basic':
      return {
        name,
        secret: { $case: 'basic', value: { username: credential.username, password: credential.password } },
      };
    case 'ssh':
      return {
        name,
        secret: {
          $case: 'ssh',
          value: { privateKey: credential.privateKey, knownHosts: credential.knownHosts },
        },
      };
    default:
      return assertNever(credential);
  }
}

function decodeCredential(
  check: FieldCheck,
  credential: wire.DeliveredCredential,
): DeliveredCredential | undefined {
  const name = check.word(credential.name, 'name');
  const { secret } = credential;
  if (!check.present(secret, 'secret')) return undefined;
  switch (secret.$case) {
    case 'token':
      return { name, kind: 'token', token: check.word(secret.value, 'token', limits.frameBytesMax) };
    case 'basic':
      return { name, kind: 'basic', username: secret.value.username, password: secret.value.password };
    case 'ssh':
      return {
        name,
        kind: 'ssh',
        privateKey: check.word(secret.value.privateKey, 'ssh.private_key', limits.frameBytesMax),
        knownHosts: secret.value.knownHosts,
      };
    default:
      return assertNever(secret);
  }
}
