/**
 * Stand-ins of the programs' ports in memory; each passes the contract suite of the real adapter (test/contracts). They are
 * no mocks: they keep their promises, and a test asks what became of the world.
 */
export * from './bucket.ts';
export * from './decision-log.ts';
export * from './state-store.ts';
export * from './status-stream.ts';
