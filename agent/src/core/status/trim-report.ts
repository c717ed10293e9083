import type { AssignmentReport, Report } from '@flotilla/shared/model';

/** What is taken out of a report that is too long, in this order: detail first, states never. */
const cuts: readonly (readonly [what: string, cut: (one: AssignmentReport) => AssignmentReport])[] = [
  [
    'messages of failing objects',
    (one) => ({ ...one, failing: one.failing.map((object) => ({ ...object, message: '' })) }),
  ],
  ['failing objects', (one) => ({ ...one, failing: [] })],
  ['drift detail', (one) => ({ ...one, drift: { ...one.drift, latest: '', fights: [] } })],
  [
    'held objects',
    (one) => ({
      ...one,
      heldPrune: one.heldPrune === undefined ? undefined : { ...one.heldPrune, objects: [] },
    }),
  ],
  ['texts', (one) => ({ ...one, text: one.text.slice(0, 80) })],
];

/** Cuts a report until its JSON fits; what was left out is said in `trimmed`. */
export function trimReport(report: Report, bytesMax: number): Report {
  let current = report;
  for (const [what, cut] of cuts) {
    if (JSON.stringify(current.assignments).length <= bytesMax) return current;
    current = { ...current, assignments: current.assignments.map(cut), trimmed: [...current.trimmed, what] };
  }
  return current;
}
