/**
 * The hub's end of the assignment streams, without I/O. Reading order: state (what can be true of a stream), step (what
 * happens), greet (Hello), serve (deltas, acks, anti-entropy), claims (what agents prove), outstanding (what is unsent);
 * beside the streams: fence (which one counts), admission (how many at once).
 */
export { type Admission, type AdmissionState, admitStream, fullBucket } from './admission.ts';
export { type HeldEntry, provenClaims } from './claims.ts';
export { type FenceVerdict, judgeNewcomer, type KnownStream } from './fence.ts';
export { rowBytesMax } from './outstanding.ts';
export {
  type AgentPeer,
  type HeldRow,
  type HubAlarm,
  type HubPhase,
  type HubSessionEvent,
  type HubSessionInput,
  type HubSessionOutput,
  type HubSessionState,
  type HubSessionStep,
  type HubView,
  openHubSession,
} from './state.ts';
export { stepHubSession } from './step.ts';
