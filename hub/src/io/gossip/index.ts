/** The line between hub processes on core NATS. */
export { gossipSubject, openGossipLine } from './gossip-line.ts';
