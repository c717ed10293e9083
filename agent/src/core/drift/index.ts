/**
 * What others changed, who it was, and when to stop fighting them. Reading order: owned-fields, drift-note, live-diff, client-side-apply,
 * fights.
 */
export { abandonedFields, withoutClientSide } from './client-side-apply.ts';
export type { DriftNote } from './drift-note.ts';
export { describeChange, formatDrift } from './drift-note.ts';
export type { FightBook } from './fights.ts';
export { fightsAt, nextFightEndMs, noFights, recordCorrection } from './fights.ts';
export { differingPaths } from './live-diff.ts';
export { fieldPaths, isScaledByOther, lostFields } from './owned-fields.ts';
