/**
 * Who is there, over all hub processes. Reading order: presence (what silence means, and whether the hub itself is to
 * blame), awaited (who must come back before it can tell), sighting (which stream of a cluster counts), gossip-message (what processes tell each other), peers (what this
 * process has heard of the others), joint-presence (both together).
 */
export { awaited, type OnceHeard } from './awaited.ts';
export * from './gossip-message.ts';
export * from './joint-presence.ts';
export {
  foldGossip,
  forgetPeers,
  gossipTimes,
  listeningSinceMs,
  noPeers,
  type PeerSighting,
  type Peers,
  peersPresent,
  sightingElsewhere,
  toldClusters,
} from './peers.ts';
export {
  type Heard,
  type HubHealth,
  heardEnd,
  heardNow,
  judgeHub,
  type PresenceContext,
  presenceOf,
} from './presence.ts';
export { isNewerStream, newerSighting, type Sighting, streamOf } from './sighting.ts';
