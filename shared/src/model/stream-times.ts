/**
 * The times of the assignment stream, in milliseconds (PROTOCOL.md, Times). Both ends live by the same ones, so that
 * what one end calls silent the other end knows to avoid.
 */
export const streamTimes = {
  /** Each end sends a heartbeat so often, ± heartbeatJitter. */
  heartbeatMs: 10_000,
  heartbeatJitter: 0.1,
  /** An agent that has made no report yet looks again so often whether its first heartbeat can name one. */
  firstReportLookMs: 250,
  /** Nothing heard for two heartbeats: the cluster is Suspect. */
  suspectMs: 20_000,
  /** Nothing heard for four: the stream is closed, the cluster Disconnected. */
  silentMs: 40_000,
  /** Disconnected for so long since it was last heard: Lost. */
  lostMs: 900_000,
  /** A stream whose first frame is not there by then is closed. */
  helloWithinMs: 10_000,
  /** An attempt to open a stream is given up after so long. */
  openWithinMs: 30_000,
  /** A delta without its Ack ends the stream after so long: the agent's disk or reader hangs. */
  ackWithinMs: 120_000,
  /** A stream that was up for so long resets the agent's backoff. */
  stableUpMs: 60_000,
  /** Bounds of the agent's full-jitter backoff. */
  backoffBaseMs: 1_000,
  backoffCapMs: 60_000,
  /** The hub lowers that cap to so much for each cluster of its fleet: 40 a second come back, and it admits 100. */
  backoffCapPerClusterMs: 25,
  /** But to no less than this. */
  backoffCapMinMs: 5_000,
  /** An agent that only a person can help tries again so seldom, ± a third. */
  hopelessMs: 45_000,
  /** A stream ends by a Drain at this age, ± connectionAgeJitter, so that hub processes rebalance. */
  connectionAgeMs: 1_800_000,
  connectionAgeJitter: 0.1,
  /** After a Drain the stream may live so long to finish an Ack. */
  drainGraceMs: 10_000,
  /** Agents of a rebalancing drain come back within this. */
  drainSpreadMs: 5_000,
  /** What NotReady asks an agent to wait; it is repeated with every heartbeat. */
  notReadyRetryMs: 30_000,
  /** A row that the agent could not store is sent again after so long. */
  storeRetryMs: 60_000,
  /**
   * The hub asks for a report over the stream when the bus has not brought the announced one after so long. A bus that is
   * killed loses what it took in its last moments, and whoever sent it believes it delivered.
   */
  wantReportAfterMs: 2_000,
  /** After a hub's start nobody is called offline before this. */
  startGraceMs: 300_000,
  /** Window of the rule that tells a broken hub from broken clusters. */
  impairedWindowMs: 60_000,
} as const;
