/** A hub in memory behind the API's port: what API, command line and console are tested against. */
export * from './fake-hub-api.ts';
export { waitingCommit } from './fake-refusals.ts';
export * from './items.ts';
export * from './rollout-items.ts';
export * from './small-fleet.ts';
