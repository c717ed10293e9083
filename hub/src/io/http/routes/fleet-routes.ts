import { apiVersion } from '@flotilla/shared/model';
import { readFleetStatus } from '../list/index.ts';
import { type Route, route } from '../route.ts';

/** The fleet as a whole, and the hub itself; answered also while the hub is starting. */
export const fleetRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/status',
    id: 'getStatus',
    summary: 'The fleet on one screen: hub, bus, control repository, counts, failures by cause.',
    answer: 'FleetStatus',
    isEarly: true,
    handle: (_call, { api, clock }) => readFleetStatus(api, clock.wallMs()),
  }),
  route({
    method: 'GET',
    path: '/version',
    id: 'getVersion',
    summary: 'The version of the running hub.',
    answer: 'Version',
    isEarly: true,
    handle: (_call, { api }) => ({ apiVersion, kind: 'Version', version: api.facts().hub.version }),
  }),
];
