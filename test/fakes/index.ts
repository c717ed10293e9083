/**
 * Stand-ins of the programs' ports in memory; each passes the contract suite of the real adapter (test/contracts). They are
 * no mocks: they keep their promises, and a test asks what became of the world.
 */
export * from './agent-listener.ts';
export * from './bucket.ts';
export * from './checks.ts';
export * from './content.ts';
export * from './credential-store.ts';
export * from './decision-log.ts';
export * from './git.ts';
export * from './git-port.ts';
export * from './gossip-line.ts';
export * from './helm.ts';
export * from './hub-link.ts';
export * from './kustomize.ts';
export * from './state-store.ts';
export * from './status-sink.ts';
export * from './status-stream.ts';
