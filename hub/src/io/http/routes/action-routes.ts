import { type ClusterName, parseClusterName } from '@flotilla/shared/base';
import { badRequest } from '../api-error.ts';
import { type Route, route } from '../route.ts';
import {
  acceptSourceSchema,
  confirmEpochSchema,
  joinTokenRequestSchema,
  removeClusterSchema,
} from '../schema/index.ts';
import { byAdmin, settle } from './settle.ts';

/** What a person may do. Each answer says what was stored; a failure says whether that is known. */
export const actionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/join-tokens',
    id: 'createJoinToken',
    summary: 'Makes a single-use token with which one cluster can join.',
    body: joinTokenRequestSchema,
    answer: 'JoinToken',
    status: 201,
    handle: ({ body, signal }, { api }) => {
      const { labels, rejoin, ttlMs, reason } = body;
      const name = body.name === undefined ? undefined : clusterNameOf(body.name);
      const request = { name, isRejoin: rejoin, labels, ttlMs, by: byAdmin(reason) };
      return settle(api.createJoinToken(request, signal), signal);
    },
  }),
  route({
    method: 'DELETE',
    path: '/clusters/{name}',
    id: 'removeCluster',
    summary: 'Deletes the registration of a cluster: its agent is refused, its objects stay.',
    query: removeClusterSchema,
    answer: 'ClusterRemoved',
    handle: ({ params, query, signal }, { api }) =>
      settle(api.removeCluster(params['name'] ?? '', byAdmin(query.reason), signal), signal),
  }),
  route({
    method: 'POST',
    path: '/sources/{name}/accept',
    id: 'acceptSource',
    summary:
      'Accepts a commit that waits for a person: rewritten history, an emptied repository, a large withdrawal.',
    body: acceptSourceSchema,
    answer: 'SourceAccepted',
    handle: ({ params, body, signal }, { api }) =>
      settle(api.acceptSource(params['name'] ?? '', body.commit, byAdmin(body.reason), signal), signal),
  }),
  route({
    method: 'POST',
    path: '/epoch/confirm',
    id: 'confirmEpoch',
    summary: 'Lets rollouts start again after the log lost decisions.',
    body: confirmEpochSchema,
    answer: 'EpochConfirmed',
    handle: ({ body, signal }, { api }) =>
      settle(api.confirmEpoch(body.epoch, byAdmin(body.reason), signal), signal),
  }),
];

function clusterNameOf(text: string): ClusterName {
  const read = parseClusterName(text);
  if (read.ok) return read.value;
  throw badRequest({ text: 'the name of the cluster is wrong', cause: read.error });
}
