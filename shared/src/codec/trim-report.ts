import type { AssignmentReport, Report } from '../model/index.ts';
import { noTimings } from '../model/index.ts';
import { cutText } from './wire-number.ts';

/** One way to make a report smaller, and how it is said in `trimmed`. */
interface TrimStep {
  readonly note: string;
  readonly trim: (report: Report) => Report;
}

/**
 * The fixed order in which a report that does not fit gets smaller: object detail first. Version, variant, state,
 * reason, counts, deadline and held-prune hash are never trimmed: gates rest on them.
 */
const trimSteps: readonly TrimStep[] = [
  { note: 'failing objects after the third', trim: eachEntry((entry) => failingOf(entry, 3, 1_024)) },
  { note: 'objects of held prunes', trim: eachEntry(withoutHeldObjects) },
  { note: 'failing objects after the first', trim: eachEntry((entry) => failingOf(entry, 1, 200)) },
  { note: 'drift detail', trim: eachEntry(withoutDriftDetail) },
  { note: 'all failing objects', trim: eachEntry((entry) => failingOf(entry, 0, 0)) },
  { note: 'timings', trim: eachEntry((entry) => ({ ...entry, timings: noTimings })) },
  { note: 'texts after 120 characters', trim: eachEntry((entry) => textOf(entry, 120)) },
  { note: 'facts', trim: (report) => ({ ...report, facts: { ...report.facts, fetchRungs: {}, more: {} } }) },
  { note: 'texts', trim: eachEntry((entry) => textOf(entry, 0)) },
];

/** How many steps there are. */
export const trimLevelMax = trimSteps.length;

/** The report after the first `level` steps, saying what was left out. Level 0 is the report itself. */
export function trimReport(report: Report, level: number): Report {
  const steps = trimSteps.slice(0, level);
  const smaller = steps.reduce((current, step) => step.trim(current), report);
  return { ...smaller, trimmed: [...report.trimmed, ...steps.map((step) => step.note)] };
}

function eachEntry(trim: (entry: AssignmentReport) => AssignmentReport): TrimStep['trim'] {
  return (report) => ({ ...report, assignments: report.assignments.map(trim) });
}

function failingOf(entry: AssignmentReport, countMax: number, messageMax: number): AssignmentReport {
  const failing = entry.failing.slice(0, countMax);
  return {
    ...entry,
    failing: failing.map((object) => ({ ...object, message: cutText(object.message, messageMax) })),
  };
}

function withoutHeldObjects(entry: AssignmentReport): AssignmentReport {
  return { ...entry, heldPrune: entry.heldPrune && { ...entry.heldPrune, objects: [] } };
}

function withoutDriftDetail(entry: AssignmentReport): AssignmentReport {
  return { ...entry, drift: { ...entry.drift, latest: '', fights: [] } };
}

function textOf(entry: AssignmentReport, lengthMax: number): AssignmentReport {
  const heldPrune = entry.heldPrune && {
    ...entry.heldPrune,
    reason: cutText(entry.heldPrune.reason, lengthMax),
  };
  return { ...entry, text: cutText(entry.text, lengthMax), heldPrune };
}
