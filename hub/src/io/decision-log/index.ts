/**
 * The log of decisions on JetStream: stream FLOTILLA_DECISIONS of account HUB.
 * Reading order: streams (what is made), decision-message (bytes and back), log-error, payload-store (what is too large
 * for a message), shared-uids, decision-log.
 */
export { type DecisionLogOptions, openDecisionLog } from './decision-log.ts';
export {
  DecisionMalformedError,
  decodeDecision,
  decodeInlineDecision,
  encodeDecision,
  FormatTooNewError,
  hashOfMessage,
  type LoggedDecision,
  type LoggedEvent,
  type StoredPayload,
} from './decision-message.ts';
export { DecisionTooLargeError, LogLostError, LogUnavailableError } from './log-error.ts';
export { auditStream, decisionStream, decisionStreamName } from './streams.ts';
