/**
 * Hub and Git server as processes of their own, for journeys, demo and benchmarks. Reading order: control-side,
 * settings, repository, hub-client, running-process, ask-child, bus-client, seed-folder (the files that it begins with); post-receive is what the Git server runs.
 */
export * from './ask-child.ts';
export * from './bus-client.ts';
export * from './control-side.ts';
export * from './hub-client.ts';
export * from './repository.ts';
export * from './running-process.ts';
export * from './seed-folder.ts';
export * from './settings.ts';
