/**
 * The hub as the command line sees it. Reading order: find-hub (which one), connection (one request), api-client (what can
 * be asked), sse-parser and follow (what changes).
 */
export { ApiClient, type Timed } from './api-client.ts';
export { type Environment, findHub, type HubAddress, type HubFlags } from './find-hub.ts';
export { type Followed, type FollowWanted, follow } from './follow.ts';
