/**
 * Everything that is printed, as lines. Reading order: printable (what a terminal may show), colour, table, age, columns
 * (what lists show of each kind), count-lines, summary-lines, status-lines, wave-lines and rollout-lines, history-lines,
 * explanation-lines, preview-lines, plan-lines, describe/, error-lines, item-writer (formats), failure.
 */
export { timeText } from './age.ts';
export { columnsOf, commitText, reasonText } from './columns.ts';
export { plural } from './count-lines.ts';
export { describeLines, heldPruneLines } from './describe/index.ts';
export { errorDocument, errorLines } from './error-lines.ts';
export { explanationLines, whyNotLines } from './explanation-lines.ts';
export { writeFailure } from './failure.ts';
export { historyLines } from './history-lines.ts';
export { listWriter, type OutputFormat, writeDocument } from './item-writer.ts';
export { planLines } from './plan-lines.ts';
export { testLines, validationLines } from './preview-lines.ts';
export { safeJson } from './printable.ts';
export { nextFor, type RolloutView, rolloutLines, unknownOf } from './rollout-lines.ts';
export { statusLines } from './status-lines.ts';
export { shellWord, summaryLines } from './summary-lines.ts';
export { TablePrinter } from './table.ts';
