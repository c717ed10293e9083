import type { GitId, Result } from '@flotilla/shared/base';
import { err, ok } from '@flotilla/shared/base';
import type { SourceAccepted } from '@flotilla/shared/model';
import { problemCodes } from '@flotilla/shared/model';
import type { ActionRefusal, RequestedBy } from '../api-port.ts';
import { busAway, starting } from './action-refusals.ts';
import { appendDecision, controlSubject, type DecidingDeps } from './append.ts';
import { acceptable, isAskedSince, refOf } from './waiting-commits.ts';

const triesMax = 5;

/**
 * Accepts a commit that waits for a person. What waits is what the fleet shows: held states of the control repository and
 * its sources, and withdrawals. A commit that waits for nothing is refused, so that a typing error decides nothing.
 */
export async function acceptSource(
  deps: DecidingDeps,
  request: { readonly source: string; readonly commit: string; readonly by: RequestedBy },
  signal: AbortSignal,
): Promise<Result<SourceAccepted, ActionRefusal>> {
  if (!deps.fleet.isReady) return err(starting());
  const commit = findWaiting(deps, request);
  if (!commit.ok) return commit;
  const ref = refOf(deps.fleet, request.source, commit.value);
  const accepted = { source: request.source, ref, commit: commit.value };
  for (let attempt = 0; attempt < triesMax; attempt += 1) {
    const { control } = deps.fleet;
    const before = control.accepted.get(request.source)?.get(commit.value);
    if (before !== undefined && !isAskedSince(deps.fleet, accepted, before.atMs)) return ok(accepted);
    try {
      const outcome = await appendDecision(
        deps,
        {
          subject: controlSubject,
          actor: { kind: 'person', name: request.by.actor, reason: request.by.reason },
          expectedSeq: control.lastSeq,
          evidence: undefined,
          payload: { kind: 'source-accepted', ...accepted },
        },
        signal,
      );
      if (outcome.kind === 'appended') return ok(accepted);
    } catch (error) {
      signal.throwIfAborted();
      return err(busAway(error));
    }
  }
  return err({
    kind: 'conflict',
    code: problemCodes.changedMeanwhile,
    text: `commit ${commit.value} was not accepted: other decisions came first ${triesMax} times`,
    next: 'try again',
  });
}

/** The full id of the one waiting commit that the text names. */
function findWaiting(
  deps: DecidingDeps,
  request: { readonly source: string; readonly commit: string },
): Result<GitId, ActionRefusal> {
  const waiting = acceptable(deps.fleet, request.source).map(({ commit }) => commit);
  const accepted = deps.fleet.control.accepted.get(request.source) ?? new Map<GitId, unknown>();
  const wanted = request.commit.toLowerCase();
  const matching = [...new Set([...waiting, ...accepted.keys()])].filter(
    (id) => id === wanted || (wanted.length >= 7 && id.startsWith(wanted)),
  );
  const [only] = matching;
  if (matching.length === 1 && only !== undefined) return ok(only);
  const known = waiting.length === 0 ? 'nothing of it waits' : `these wait: ${waiting.join(', ')}`;
  return err({
    kind: 'not-found',
    code: problemCodes.commitNotWaiting,
    text: `commit ${request.commit} of source ${request.source} does not wait for a person`,
    cause: matching.length > 1 ? `it names ${matching.length} commits` : known,
    next: 'flotilla status',
  });
}
