/**
 * What the cluster says: what it serves, what lives there, who stands above the sets; and how requests to it are bounded
 * and their refusals understood.
 * Reading order: api-slots, kube-failure, true-refusal, discovery, feed-cache, whole-objects, kind-feed, watch-hub, new-definition,
 * gone-kinds, look-up, parents.
 */
export { type ApiSlots, createSlots } from './api-slots.ts';
export { type Discovery, openDiscovery } from './discovery.ts';
export type { FeedChange } from './feed-cache.ts';
export { findGoneKinds } from './gone-kinds.ts';
export { kubeFailure, otherFailure } from './kube-failure.ts';
export { LookUp } from './look-up.ts';
export { isNewDefinition } from './new-definition.ts';
export { Parents, parentRefused } from './parents.ts';
export { withTrueRefusal } from './true-refusal.ts';
export { WatchHub, type WatchNeed } from './watch-hub.ts';
