/**
 * A plain nats-server for tests of the bus adapters: no accounts, JetStream on disk, a port that survives restarts.
 * What agents and hub really meet (operator, accounts, TLS) is started by hub/src/io/nats-server.
 */

export { type LossyBus, lossyBus } from './lossy-bus.ts';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts';
export { connectTestBus } from './test-bus.ts';
export { type TestCertificates, writeTestCertificates } from './test-certificates.ts';
