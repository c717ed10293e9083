/**
 * The path from join token to publishing on the bus, over real sockets: hub and agent code on both ends, openssl, the
 * NATS libraries and a raw client as judges.
 * Reading order: fleet (a hub as far as identity goes), bus (a real nats-server that trusts it), joining, renewing-agent.
 */
export * from './bus.ts';
export * from './fleet.ts';
export * from './joining.ts';
export * from './renewing-agent.ts';
