/**
 * What an assignment says of itself: its state, its report to the hub, and its object in the cluster.
 * Reading order: readiness, assignment-state, assignment-report, report-timing, trim-report, status-object, cluster-event.
 */
export { type ReportInput, reportOf } from './assignment-report.ts';
export { type StateInput, type StateVerdict, stateOf, type Trouble } from './assignment-state.ts';
export { type EventInput, eventOf, eventRefOf, isWorthEvent } from './cluster-event.ts';
export { lateAtMs, newReadiness, type Readiness, trackReadiness } from './readiness.ts';
export { nextReportMs, type ReportTiming } from './report-timing.ts';
export { type ObjectStatus, readStatusObject, statusKey, statusObjectOf } from './status-object.ts';
export { trimReport } from './trim-report.ts';
