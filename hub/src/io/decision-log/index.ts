/**
 * The log of decisions on JetStream: stream FLOTILLA_DECISIONS of account HUB.
 * Reading order: streams (what is made), decision-message (bytes and back), log-error, decision-log.
 */
export { type DecisionLogOptions, openDecisionLog } from './decision-log.ts';
export {
  DecisionMalformedError,
  decodeDecision,
  encodeDecision,
  FormatTooNewError,
  hashOfMessage,
} from './decision-message.ts';
export { DecisionTooLargeError, LogLostError, LogUnavailableError } from './log-error.ts';
export { auditStream, decisionStream, decisionStreamName } from './streams.ts';
