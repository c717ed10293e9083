import * as wire from '@flotilla/proto/status';
import type { Result } from '../base/index.ts';
import { limits } from '../base/index.ts';
import type { AssignmentReport, Facts, Report } from '../model/index.ts';
import { decodeAssignmentReport, encodeAssignmentReport } from './assignment-report.ts';
import type { CodecError } from './field-check.ts';
import { bytesOf, FieldCheck } from './field-check.ts';
import { messageFromBytes } from './frame-bytes.ts';
import { cutText, wireSigned, wireUint32, wireWhole } from './wire-number.ts';

/** Format of a report; a newer one is refused. */
export const reportFormat = 1;

/** A report as bytes, not yet compressed. Never fails; texts and lists for people are cut to their bounds. */
export function reportToBytes(report: Report): Uint8Array {
  return wire.Report.encode(encodeReport(report)).finish();
}

/** A report from bytes that are no longer compressed. */
export function reportFromBytes(bytes: Uint8Array): Result<Report, CodecError> {
  const message = messageFromBytes(bytes, wire.Report.decode);
  return message.ok ? decodeReport(message.value) : message;
}

/** A report as a message. */
export function encodeReport(report: Report): wire.Report {
  return {
    format: reportFormat,
    incarnation: wireWhole(report.incarnation),
    seq: wireWhole(report.seq),
    heldDigest: bytesOf(report.heldDigest),
    assignments: report.assignments.map(encodeAssignmentReport),
    facts: encodeFacts(report.facts),
    madeAtMs: wireSigned(report.madeAtMs),
    trimmed: report.trimmed.map((note) => cutText(note)),
  };
}

/** A report in the model's words. Entries in a state that this program does not know are left out and named in `trimmed`. */
export function decodeReport(report: wire.Report): Result<Report, CodecError> {
  const check = new FieldCheck();
  if (report.format !== reportFormat) {
    check.fail('format', `${report.format} is not ${reportFormat}, the only one this program knows`);
  }
  const entries = check.list(
    report.assignments,
    'assignments',
    (inner, entry) => decodeAssignmentReport(inner, entry) ?? unknownState(entry),
    limits.assignmentsPerClusterMax,
  );
  return check.result({
    incarnation: check.whole(report.incarnation, 'incarnation', 1),
    seq: check.whole(report.seq, 'seq', 1),
    heldDigest: check.digest(report.heldDigest, 'held_digest'),
    assignments: entries.filter((entry): entry is AssignmentReport => typeof entry !== 'string'),
    facts: decodeFacts(check.at('facts'), report.facts),
    madeAtMs: check.signed(report.madeAtMs, 'made_at_ms'),
    trimmed: [
      ...check.list(report.trimmed, 'trimmed', (_, note) => cutText(note)),
      ...entries.filter((entry) => typeof entry === 'string'),
    ],
  });
}

function unknownState(entry: wire.AssignmentReport): string {
  return cutText(`${entry.placement}: state ${entry.state} is not known to this hub`);
}

function encodeFacts(facts: Facts): wire.Facts {
  return {
    kubernetes: cutText(facts.kubernetes, limits.frameNameMax),
    nodes: wireUint32(facts.nodes),
    agent: cutText(facts.agent, limits.frameNameMax),
    simulated: facts.isSimulated,
    fetchRungs: { ...facts.fetchRungs },
    inventoryParent: cutText(facts.inventoryParent, limits.frameNameMax),
    more: { ...facts.more },
  };
}

function decodeFacts(check: FieldCheck, facts: wire.Facts | undefined): Facts {
  return {
    kubernetes: cutText(facts?.kubernetes ?? '', limits.frameNameMax),
    nodes: facts?.nodes ?? 0,
    agent: cutText(facts?.agent ?? '', limits.frameNameMax),
    isSimulated: facts?.simulated ?? false,
    fetchRungs: check.map(facts?.fetchRungs ?? {}, 'fetch_rungs', limits.reasonTextMax),
    inventoryParent: cutText(facts?.inventoryParent ?? '', limits.frameNameMax),
    more: check.map(facts?.more ?? {}, 'more', limits.reasonTextMax),
  };
}
