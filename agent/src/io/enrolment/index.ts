/**
 * How a cluster becomes an agent of a fleet, from the agent's side. Reading order: enrol, pinned-authority,
 * signing-request, stored-identity, enrolment-error.
 */
export { type EnrolOptions, enrol } from './enrol.ts';
export { EnrolmentError } from './enrolment-error.ts';
export { newPrivateKeyPem, signingRequestFor } from './signing-request.ts';
export { readIdentity, writeIdentity } from './stored-identity.ts';
