/**
 * Everything that the API can be asked, as one table: fleet-routes, list-routes, action-routes, rollout-routes, plan-routes (settle: how
 * an action ends); the event stream takes
 * over its connection and so stands beside the table (event-stream).
 */
import type { Route } from '../route.ts';
import { actionRoutes } from './action-routes.ts';
import { fleetRoutes } from './fleet-routes.ts';
import { listRoutes } from './list-routes.ts';
import { planRoutes } from './plan-routes.ts';
import { rolloutRoutes } from './rollout-routes.ts';

export { eventWishOf } from './event-stream.ts';

/** All routes. */
export const routes: readonly Route[] = [
  ...fleetRoutes,
  ...listRoutes,
  ...actionRoutes,
  ...rolloutRoutes,
  ...planRoutes,
];
