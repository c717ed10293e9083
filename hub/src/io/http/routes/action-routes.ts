import { type ClusterName, FlotillaError, parseClusterName, type Result } from '@flotilla/shared/base';
import { problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, RequestedBy } from '../../../api-port.ts';
import { ApiError, badRequest, refused } from '../api-error.ts';
import { type Route, route } from '../route.ts';
import { acceptSourceSchema, joinTokenRequestSchema, removeClusterSchema } from '../schema/index.ts';

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
];

/** Until there are users, whoever holds the token is the administrator. */
function byAdmin(reason: string): RequestedBy {
  return { actor: 'admin', reason };
}

function clusterNameOf(text: string): ClusterName {
  const read = parseClusterName(text);
  if (read.ok) return read.value;
  throw badRequest({ text: 'the name of the cluster is wrong', cause: read.error });
}

/** Waits for an action. What cannot be stored now is 503 and may be tried again; a defect stays a defect. */
async function settle<Value>(
  action: Promise<Result<Value, ActionRefusal>>,
  signal: AbortSignal,
): Promise<Value> {
  let outcome: Result<Value, ActionRefusal>;
  try {
    outcome = await action;
  } catch (error) {
    if (signal.aborted) throw outcomeUnknown(error);
    if (error instanceof FlotillaError && error.retry !== 'never') throw notStored(error);
    throw error;
  }
  if (outcome.ok) return outcome.value;
  throw refused(outcome.error);
}

function outcomeUnknown(error: unknown): ApiError {
  const problem = {
    code: problemCodes.busAway,
    text: 'the hub did not hear in time whether this was stored',
    cause: 'the bus did not answer, or the hub is closing',
    stillTrue: 'it was stored whole or not at all; clusters keep what they have',
    next: 'flotilla status',
  };
  return new ApiError(503, problem, error);
}

function notStored(error: FlotillaError): ApiError {
  const problem = {
    code: problemCodes.busAway,
    text: 'the hub cannot store this now',
    cause: error.message,
    stillTrue: 'nothing was changed; clusters keep what they have',
    next: 'flotilla status',
  };
  return new ApiError(503, problem, error);
}
