/**
 * How a cluster becomes an agent of a fleet, from the agent's side. Reading order: enrol, pinned-authority,
 * tls-probe, signing-request, check-identity, stored-identity, enrolment-error.
 */
export { checkIdentity } from './check-identity.ts';
export { type EnrolOptions, enrol, isJoinedBy } from './enrol.ts';
export { EnrolmentError } from './enrolment-error.ts';
export { newPrivateKeyPem, signingRequestFor } from './signing-request.ts';
export { readIdentity, writeIdentity } from './stored-identity.ts';
