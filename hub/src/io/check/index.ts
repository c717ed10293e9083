/** Asking webhook checks over HTTP. Reading order: check-error, check-place, http-checks. */
export { CheckUnansweredError } from './check-error.ts';
export { type HttpChecksSettings, httpChecks } from './http-checks.ts';
