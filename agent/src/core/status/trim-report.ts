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

/** Cuts a report until it fits; what was left out is said in `trimmed`. */
export function trimReport(report: Report, bytesMax: number): Report {
  let current = report;
  for (const [what, cut] of cuts) {
    if (sizeOf(current) <= bytesMax) return current;
    current = { ...current, assignments: current.assignments.map(cut), trimmed: [...current.trimmed, what] };
  }
  return current;
}

/** What an assignment takes without any of its texts. */
const bareBytes = 600;

/** About as long as its JSON, which is not made for it: a report goes out several times a second. */
function sizeOf(report: Report): number {
  let bytes = 0;
  for (const one of report.assignments) {
    bytes += bareBytes + one.text.length + one.drift.latest.length;
    for (const object of one.failing) bytes += bareBytes / 2 + object.message.length;
    for (const text of [...one.drift.fights, ...(one.heldPrune?.objects ?? [])]) bytes += text.length;
  }
  return bytes;
}
