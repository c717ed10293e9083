/**
 * Starts real Kubernetes control planes for tests, demo and benchmarks, and reads their audit logs, which judge what
 * happened on a cluster. Reading order: control-plane, kwok-config, image-stages, api-server, admin-client, audit-log,
 * processes.
 */
export * from './admin-client.ts';
export * from './api-server.ts';
export * from './audit-log.ts';
export * from './control-plane.ts';
export { isAlive } from './processes.ts';
