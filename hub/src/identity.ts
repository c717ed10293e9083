/**
 * Who is who in a fleet, put together: the hub's keys, the bus that trusts them, enrolment and renewal. start.ts opens
 * these; tests of the whole path from token to publish use the same door.
 */
export type * from './enrolment-port.ts';
export {
  type AssignmentListener,
  type EnrolmentListener,
  startAssignmentListener,
  startEnrolmentListener,
} from './io/grpc/index.ts';
export * from './io/nats-accounts/index.ts';
export * from './io/nats-server/index.ts';
export * from './io/signer/index.ts';
export * from './loops/enrol/index.ts';
