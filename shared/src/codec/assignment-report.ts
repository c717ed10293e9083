import type * as wire from '@flotilla/proto/status';
import { limits, parseGitId } from '../base/index.ts';
import type {
  AssignmentReport,
  DriftSummary,
  FailingObject,
  HeldPrune,
  ObjectCounts,
  Timings,
} from '../model/index.ts';
import { noCounts, noDrift, noTimings } from '../model/index.ts';
import { agentStates, phases, wordOrNone } from './enum-map.ts';
import type { FieldCheck } from './field-check.ts';
import { bytesOf } from './field-check.ts';
import { cutText, wireUint32, wireWhole } from './wire-number.ts';

/** One entry of a report on the wire. */
export function encodeAssignmentReport(entry: AssignmentReport): wire.AssignmentReport {
  return {
    placement: entry.placement,
    epoch: wireWhole(entry.version.epoch),
    seq: wireWhole(entry.version.seq),
    variantDigest: bytesOf(entry.variantDigest),
    state: agentStates.toWire[entry.state],
    phase: entry.phase === undefined ? 0 : phases.toWire[entry.phase],
    reason: cutText(entry.reason, limits.frameNameMax),
    text: cutText(entry.text),
    healthyForMs: wireWhole(entry.healthyForMs),
    counts: encodeCounts(entry.counts),
    failing: entry.failing.slice(0, limits.failingObjectsMax).map(encodeFailing),
    drift: encodeDrift(entry.drift),
    deadlinePassed: entry.deadlinePassed,
    timings: encodeTimings(entry.timings),
    appliedCommit: entry.appliedCommit ?? '',
    appliedVariantDigest: bytesOf(entry.appliedVariantDigest),
    heldPrune: entry.heldPrune && encodeHeldPrune(entry.heldPrune),
    reverted: entry.reverted,
  };
}

/** One entry in the model's words. Undefined for a state of a newer agent: an entry that is not there is Unknown. */
export function decodeAssignmentReport(
  check: FieldCheck,
  entry: wire.AssignmentReport,
): AssignmentReport | undefined {
  const state = wordOrNone(agentStates, entry.state);
  if (state === undefined) return undefined;
  return {
    placement: check.placement(entry.placement),
    version: { epoch: check.whole(entry.epoch, 'epoch', 1), seq: check.whole(entry.seq, 'seq', 1) },
    variantDigest: check.digestOrNone(entry.variantDigest, 'variant_digest'),
    state,
    phase: wordOrNone(phases, entry.phase),
    reason: cutText(entry.reason, limits.frameNameMax),
    text: cutText(entry.text),
    healthyForMs: check.whole(entry.healthyForMs, 'healthy_for_ms'),
    counts: entry.counts === undefined ? noCounts : decodeCounts(entry.counts),
    failing: check.list(entry.failing, 'failing', decodeFailing, limits.failingObjectsMax),
    drift: entry.drift === undefined ? noDrift : decodeDrift(check.at('drift'), entry.drift),
    deadlinePassed: entry.deadlinePassed,
    timings: entry.timings === undefined ? noTimings : decodeTimings(entry.timings),
    appliedCommit: check.parsedOrNone(entry.appliedCommit, 'applied_commit', parseGitId),
    appliedVariantDigest: check.digestOrNone(entry.appliedVariantDigest, 'applied_variant_digest'),
    heldPrune: entry.heldPrune && decodeHeldPrune(check.at('held_prune'), entry.heldPrune),
    reverted: entry.reverted,
  };
}

function encodeCounts(counts: ObjectCounts): wire.ObjectCounts {
  return {
    total: wireUint32(counts.total),
    applied: wireUint32(counts.applied),
    healthy: wireUint32(counts.healthy),
    failing: wireUint32(counts.failing),
    pruning: wireUint32(counts.pruning),
  };
}

function decodeCounts(counts: wire.ObjectCounts): ObjectCounts {
  const { total, applied, healthy, failing, pruning } = counts;
  return { total, applied, healthy, failing, pruning };
}

function encodeFailing(object: FailingObject): wire.FailingObject {
  return {
    group: cutText(object.group, limits.frameNameMax),
    version: cutText(object.version, limits.frameNameMax),
    kind: cutText(object.kind, limits.frameNameMax),
    namespace: cutText(object.namespace ?? '', limits.frameNameMax),
    name: cutText(object.name, limits.frameNameMax),
    reason: cutText(object.reason, limits.frameNameMax),
    message: cutText(object.message),
    fingerprint: cutText(object.fingerprint, limits.frameNameMax),
    ownedBy: cutText(object.ownedBy ?? '', limits.frameNameMax),
  };
}

function decodeFailing(check: FieldCheck, object: wire.FailingObject): FailingObject {
  return {
    group: cutText(object.group, limits.frameNameMax),
    version: cutText(object.version, limits.frameNameMax),
    kind: check.word(object.kind, 'kind'),
    namespace: object.namespace === '' ? undefined : cutText(object.namespace, limits.frameNameMax),
    name: check.word(object.name, 'name'),
    reason: cutText(object.reason, limits.frameNameMax),
    message: cutText(object.message),
    fingerprint: fingerprint(check, object.fingerprint),
    ...(object.ownedBy !== '' && { ownedBy: cutText(object.ownedBy, limits.frameNameMax) }),
  };
}

function fingerprint(check: FieldCheck, text: string): string {
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  check.fail('fingerprint', 'is not 16 hex characters');
  return '';
}

function encodeDrift(drift: DriftSummary): wire.DriftSummary {
  return {
    objects: wireUint32(drift.objects),
    corrected: wireWhole(drift.corrected),
    latest: cutText(drift.latest),
    fights: drift.fights.slice(0, limits.failingObjectsMax).map((fight) => cutText(fight)),
  };
}

function decodeDrift(check: FieldCheck, drift: wire.DriftSummary): DriftSummary {
  return {
    objects: drift.objects,
    corrected: check.whole(drift.corrected, 'corrected'),
    latest: cutText(drift.latest),
    fights: check.list(drift.fights, 'fights', (_, fight) => cutText(fight), limits.failingObjectsMax),
  };
}

function encodeTimings(timings: Timings): wire.Timings {
  return {
    fetchMs: wireUint32(timings.fetchMs),
    renderMs: wireUint32(timings.renderMs),
    applyMs: wireUint32(timings.applyMs),
    rowToAppliedMs: wireUint32(timings.rowToAppliedMs),
    rowToReadyMs: wireUint32(timings.rowToReadyMs),
  };
}

function decodeTimings(timings: wire.Timings): Timings {
  const { fetchMs, renderMs, applyMs, rowToAppliedMs, rowToReadyMs } = timings;
  return { fetchMs, renderMs, applyMs, rowToAppliedMs, rowToReadyMs };
}

function encodeHeldPrune(held: HeldPrune): wire.HeldPrune {
  return {
    listHash: bytesOf(held.listHash),
    objects: held.objects.slice(0, limits.heldPruneObjectsMax).map((object) => cutText(object)),
    total: wireUint32(held.total),
    reason: cutText(held.reason),
  };
}

function decodeHeldPrune(check: FieldCheck, held: wire.HeldPrune): HeldPrune {
  return {
    listHash: check.digest(held.listHash, 'list_hash'),
    objects: check.list(held.objects, 'objects', (_, object) => cutText(object), limits.heldPruneObjectsMax),
    total: held.total,
    reason: cutText(held.reason),
  };
}
