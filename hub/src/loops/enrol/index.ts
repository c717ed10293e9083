/**
 * Enrolment, renewal and removal over the hub's records.
 * Reading order: deps, records, issue-token, redeem, settle, renew, remove-registration, sweep-enrolment; rate-bound,
 * check-call, issue-identity.
 */
export type { EnrolDeps, TokenAlarm, Whereabouts } from './deps.ts';
export {
  type IssuedToken,
  issueToken,
  type TokenDeps,
  type TokenNotIssued,
  type TokenRequest,
} from './issue-token.ts';
export { PeerJudge } from './peer-judge.ts';
export { EnrolRecordError } from './records.ts';
export { createEnrolHandler, EnrolConflictError } from './redeem.ts';
export { findRegistered, RemoveConflictError, removeRegistration } from './remove-registration.ts';
export { createRenewHandler, RenewConflictError } from './renew.ts';
export { sweepEnrolment } from './sweep-enrolment.ts';
