/**
 * gRPC for agents. Reading order: grpc-server (a listener with the product's limits), certificate-source (certificates
 * that can be changed while it runs), assignment-listener (Connect and Renew), agent-stream (one Connect call as a
 * port), refusal-status (refusals as gRPC statuses).
 */
export { AgentStreamError } from './agent-stream.ts';
export {
  type AssignmentListener,
  type AssignmentListenerOptions,
  startAssignmentListener,
} from './assignment-listener.ts';
export type { ListenerTls } from './certificate-source.ts';
export {
  type EnrolmentListener,
  type EnrolmentListenerOptions,
  startEnrolmentListener,
} from './enrolment-listener.ts';
export {
  GrpcListenError,
  type GrpcServer,
  type GrpcServerOptions,
  type GrpcService,
  startGrpcServer,
} from './grpc-server.ts';
export { refusalCodeKey, retryAfterKey, statusOfRefusal } from './refusal-status.ts';
