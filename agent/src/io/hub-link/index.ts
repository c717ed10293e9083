/**
 * The agent's link to its hub over gRPC. Reading order: hub-link (open and renew), dialled-host
 * (how its TLS is checked), hub-stream (one stream), hub-link-error.
 */
export { type HubLinkOptions, hubLinkOf } from './hub-link.ts';
export { HubLinkError } from './hub-link-error.ts';
