/**
 * The NATS server that the hub runs as its own child, for a laptop or a single machine; a production fleet names servers
 * of its own instead.
 * Reading order: start-nats-server, find-program, server-files, orphan.
 */
export { findNatsProgram, type NatsProgram, natsVersionMin, type ProgramPlace } from './find-program.ts';
export { NatsServerError } from './nats-server-error.ts';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './start-nats-server.ts';
