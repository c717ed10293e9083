import type { ClusterName, Result } from '@flotilla/shared/base';
import { describeError, err, ok, parseClusterName } from '@flotilla/shared/base';
import type { ClusterRemoved, HubFacts, JoinTokenMade } from '@flotilla/shared/model';
import { problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, ChangeFeed, HubApi, JoinTokenRequest, RequestedBy } from '../api-port.ts';
import { acceptSource } from './api-actions.ts';
import { ApiReads } from './api-reads.ts';
import { confirmEpoch } from './confirm-epoch.ts';
import { type EnrolDeps, findRegistered, issueToken, removeRegistration } from './enrol/index.ts';
import { type OperatingDeps, operateRollout } from './operate-rollout.ts';
import type { Previews } from './preview-commit.ts';

/** What the API is made from. */
export interface ApiDeps extends OperatingDeps {
  readonly enrol: EnrolDeps;
  readonly changes: ChangeFeed;
  readonly facts: () => HubFacts;
  readonly previews: Pick<Previews, 'plan'>;
  /** host:port of the enrolment listener, as join lines name it. */
  readonly enrolAddress: string;
  /** Forgets a removed cluster's reports. */
  readonly purgeReports: (uid: ClusterRemoved['uid'], signal: AbortSignal) => Promise<void>;
}

/** The hub behind its API: reads from what is folded, actions on log and records. */
export function createHubApi(deps: ApiDeps): HubApi {
  const reads = new ApiReads(deps.fleet);
  return {
    facts: deps.facts,
    items: (kind, of) => reads.items(kind, of),
    item: (kind, name) => reads.item(kind, name),
    describe: (kind, name) => reads.describe(kind, name),
    explain: (cluster, placement) => reads.explain(cluster, placement),
    plan: (request, signal) => deps.previews.plan(request, signal),
    changes: deps.changes,
    createJoinToken: (request, signal) => createJoinToken(deps, request, signal),
    removeCluster: (name, by, signal) => removeCluster(deps, { name, by }, signal),
    acceptSource: (source, commit, by, signal) => acceptSource(deps, { source, commit, by }, signal),
    confirmEpoch: (epoch, by, signal) => confirmEpoch(deps, { epoch, by }, signal),
    operateRollout: (request, signal) => operateRollout(deps, request, signal),
  };
}

async function createJoinToken(
  deps: ApiDeps,
  request: JoinTokenRequest,
  signal: AbortSignal,
): Promise<Result<JoinTokenMade, ActionRefusal>> {
  const issued = await reached(signal, () =>
    issueToken(
      deps.enrol,
      {
        clusterName: request.name,
        isRejoin: request.isRejoin,
        labels: request.labels,
        lifeMs: request.ttlMs,
        createdBy: request.by.actor,
        reason: request.by.reason,
      },
      signal,
    ),
  );
  if (!issued.ok) return issued;
  if (!issued.value.ok) return err(notIssued(issued.value.error, request.name));
  const { id, token, expiresAtMs } = issued.value.value;
  return ok({ joinLine: `${deps.enrolAddress}/${token}`, tokenId: id, expiresAtMs, name: request.name });
}

function notIssued(
  problem: { readonly code: string; readonly text: string },
  name: ClusterName | undefined,
): ActionRefusal {
  if (problem.code === 'NAME_TAKEN') {
    return {
      kind: 'conflict',
      code: problemCodes.clusterNameTaken,
      text: `no token for cluster ${name ?? ''}`,
      cause: problem.text,
      next: `flotilla get cluster ${name ?? ''}`,
    };
  }
  if (problem.code === 'CLUSTER_UNKNOWN') {
    return {
      kind: 'not-found',
      code: problemCodes.clusterUnknown,
      text: `no token to join again: ${problem.text}`,
      next: 'flotilla get clusters',
    };
  }
  if (problem.code === 'TOO_MANY_TOKENS') {
    return { kind: 'unavailable', code: problemCodes.tooManyTokens, text: problem.text };
  }
  return { kind: 'invalid', code: problemCodes.invalidRequest, text: problem.text };
}

async function removeCluster(
  deps: ApiDeps,
  { name }: { readonly name: string; readonly by: RequestedBy },
  signal: AbortSignal,
): Promise<Result<ClusterRemoved, ActionRefusal>> {
  const unknown = err<ActionRefusal>({
    kind: 'not-found',
    code: problemCodes.clusterUnknown,
    text: `there is no cluster ${name}`,
    next: 'flotilla get clusters',
  });
  const parsed = parseClusterName(name);
  if (!parsed.ok) return unknown;
  const removed = await reached(signal, async () => {
    const found = await findRegistered(deps.enrol, parsed.value, signal);
    if (found === undefined) return undefined;
    const gone = await removeRegistration(deps.enrol, found.uid, signal);
    if (gone) await deps.purgeReports(gone.uid, signal);
    return gone;
  });
  if (!removed.ok) return removed;
  if (removed.value === undefined) return unknown;
  const { uid } = removed.value;
  const placements = [...deps.fleet.snapshot.placements]
    .filter(([, { state }]) => state.rows.get(uid)?.target.kind === 'variant')
    .map(([placement]) => placement);
  return ok({ name: parsed.value, uid, placements: placements.sort() });
}

/** Runs what needs the records; when they cannot be reached, nothing was done. */
async function reached<T>(signal: AbortSignal, work: () => Promise<T>): Promise<Result<T, ActionRefusal>> {
  try {
    return ok(await work());
  } catch (error) {
    signal.throwIfAborted();
    return err({
      kind: 'unavailable',
      code: problemCodes.busAway,
      text: 'the records could not be reached',
      cause: describeError(error),
      next: 'flotilla status',
    });
  }
}
