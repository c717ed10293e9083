/**
 * L4: what both programs need of Node and of npm, each foreign library behind one file here.
 *
 * Reading order: system-clock, crypto-random, log-fields, logger, settings/, work-queue, alarm, loop; then what a program is
 * made of: process-signals, data-folder-lock, atomic-file, mounted-credential, child-process,
 * health-server, metrics, program-config, program-version, tls, nkey, gzip, async-queue.
 *
 * Modules with a weight or a use of their own have a subpath instead: `kit/nats` (the bus connection), `kit/jetstream`
 * (streams, hub only), `kit/settings` (without the rest, for the command line), `kit/manual-clock` (tests).
 */
export { AsyncQueue } from './async-queue.ts';
export * from './atomic-file.ts';
export * from './child-process.ts';
export * from './crypto-random.ts';
export * from './data-folder-lock.ts';
export * from './gzip.ts';
export * from './health-server.ts';
export * from './log-fields.ts';
export * from './logger.ts';
export * from './loop.ts';
export * from './metrics.ts';
export * from './mounted-credential.ts';
export * from './nkey.ts';
export * from './process-signals.ts';
export * from './program-config.ts';
export { programVersion } from './program-version.ts';
export * from './settings/index.ts';
export * from './system-clock.ts';
export * from './tls.ts';
export * from './work-queue.ts';
