/**
 * The agent's end of the assignment stream, without I/O. Reading order: state (what can be true), step (what happens),
 * frames (what the hub may say), link (coming and going), judge-delta, unsupported-field.
 */
export { type DeltaVerdict, judgeDelta } from './judge-delta.ts';
export {
  type AgentAlarm,
  type AgentPhase,
  type AgentSessionInput,
  type AgentSessionOutput,
  type AgentSessionSettings,
  type AgentSessionState,
  type AgentSessionStep,
  isFollowing,
  startAgentSession,
} from './state.ts';
export { stepAgentSession } from './step.ts';
export { agentCapabilities, type Capability, unsupportedField } from './unsupported-field.ts';
