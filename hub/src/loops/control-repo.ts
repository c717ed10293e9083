import type { GitId, Random } from '@flotilla/shared/base';
import { adviceOf, describeError, err, errorCode, jitter, ok } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import type { Actor, ControlAdopted } from '@flotilla/shared/model';
import {
  adoptControl,
  atCommit,
  type ControlSeen,
  controlFailure,
  type FleetSpec,
  type FollowedRef,
  followedRefs,
  judgeFiles,
  type SeenRef,
  specOf,
} from '../core/index.ts';
import type { GitPort, GitRemote } from '../ports.ts';
import { appendDecision, controlSubject, type DecidingDeps } from './append.ts';
import type { ControlFiles } from './control-files.ts';
import { controlSource, remoteOf } from './remotes.ts';
import { waitingCommits } from './waiting-commits.ts';

/** What the control repository loop needs besides the log. */
export interface ControlRepoDeps extends DecidingDeps {
  readonly git: GitPort;
  readonly files: ControlFiles;
  readonly random: Random;
  readonly log: Logger;
  readonly actor: Actor;
  readonly remote: GitRemote;
  readonly ref: string;
  readonly pollIntervalMs: number;
}

/** The only key of the loop: one look covers the control repository and every followed source. */
export const controlKey = 'control';

/**
 * Looks at the refs of the control repository and of the sources that placements name, decides which state of Git comes
 * into force, and appends that. Anything that cannot be read leaves everything as it is and is told to people.
 */
export function startControlRepo(deps: ControlRepoDeps, signal: AbortSignal): Loop<string> {
  const memory: Memory = { seen: undefined, followed: [] };
  const loop = startLoop<string>(
    {
      name: 'control-repo',
      clock: deps.clock,
      random: deps.random,
      log: deps.log,
      backoff: { baseMs: 1_000, capMs: deps.pollIntervalMs },
      keysMax: 1,
      reconcile: async (_key, aborted) => {
        if (!deps.fleet.isReady) return { kind: 'done' };
        try {
          await look(deps, memory, aborted);
        } catch (error) {
          if (!aborted.aborted) tellFailure(deps, error);
          throw error;
        }
        return { kind: 'after', ms: jitter(deps.pollIntervalMs, 0.2, deps.random) };
      },
    },
    signal,
  );
  // The log's end, a person's acceptance and the first registrations are reasons to look at once.
  const wake = () => void loop.add(controlKey);
  for (const remove of [deps.fleet.onControl.add(wake), deps.fleet.onReady.add(wake)]) {
    signal.addEventListener('abort', remove, { once: true });
  }
  wake();
  return loop;
}

/** What the last look came to, so that an unchanged world costs one listing of refs for each repository. */
interface Memory {
  seen: string | undefined;
  followed: readonly { readonly ref: FollowedRef; readonly remote: GitRemote }[];
}

async function look(deps: ControlRepoDeps, memory: Memory, signal: AbortSignal): Promise<void> {
  const head = await deps.git.resolveRef(deps.remote, deps.ref, signal);
  if (memory.seen !== undefined && memory.seen === (await outside(deps, memory, { head, signal }))) {
    deps.fleet.setOutlook({ failure: undefined, readAtMs: deps.clock.wallMs() });
    return;
  }
  await lookInside(deps, memory, { head, signal });
  memory.seen = await outside(deps, memory, { head, signal });
}

/** What can be seen without reading files: heads, and what people accepted. A change in it asks for a full look. */
async function outside(
  deps: ControlRepoDeps,
  memory: Memory,
  at: { readonly head: GitId; readonly signal: AbortSignal },
): Promise<string> {
  const heads: string[] = [];
  for (const { ref, remote } of memory.followed) {
    try {
      heads.push(await deps.git.resolveRef(remote, ref.ref, at.signal));
    } catch (error) {
      at.signal.throwIfAborted();
      heads.push(describeError(error));
    }
  }
  return JSON.stringify([at.head, heads, deps.fleet.control.lastSeq]);
}

async function lookInside(
  deps: ControlRepoDeps,
  memory: Memory,
  at: { readonly head: GitId; readonly signal: AbortSignal },
): Promise<void> {
  const { fleet, files, git } = deps;
  const { head, signal } = at;
  const before = fleet.control.adopted;
  const inForce = before && (await files.readInForce(before, signal));
  const commit = await git.readCommit(deps.remote, head, signal);
  await git.verifyCommit(deps.remote, head, signal);
  const seen = await files.readCommit(head, new Set(Object.keys(before?.files ?? {})), signal);
  const isAccepted = fleet.control.accepted.get(controlSource)?.has(head) ?? false;
  const judged = judgeFiles(inForce, seen, { commit: head, isAccepted });
  const spec = judged.ok
    ? judged.value.spec
    : specOf([...(inForce?.files.values() ?? [])].map((file) => file.parsed));
  memory.followed = followedRefs(spec).flatMap((ref) => {
    const remote = remoteOf(spec, ref.source, deps.remote);
    return remote && ref.source !== controlSource ? [{ ref, remote }] : [];
  });
  const { tree: _tree, parents: _parents, ...info } = commit;
  const moved = await isFastForward(deps, deps.remote, { before: before?.commit.id, head, signal });
  const control = judged.ok
    ? ok({ commit: info, ref: deps.ref, isFastForward: moved, files: judged.value })
    : err(judged.error);
  fleet.setOutlook({ errors: judged.ok ? judged.value.errors.map((one) => atCommit(one, head)) : [] });
  await decide(
    deps,
    head,
    {
      control,
      sources: await seenRefs(deps, spec, { before, signal }),
      accepted: acceptedIds(fleet.control.accepted),
    },
    signal,
  );
}

async function decide(
  deps: ControlRepoDeps,
  head: GitId,
  seen: ControlSeen,
  signal: AbortSignal,
): Promise<void> {
  const { fleet } = deps;
  const verdict = adoptControl(fleet.control.adopted, seen);
  const inForce = verdict.kind === 'adopt' ? verdict.decision : fleet.control.adopted;
  fleet.setOutlook({
    held: verdict.held,
    waiting: waitingCommits({ ref: deps.ref, commit: head }, seen, inForce),
    failure: undefined,
    readAtMs: deps.clock.wallMs(),
  });
  if (verdict.kind !== 'adopt') return;
  const outcome = await appendDecision(
    deps,
    {
      subject: controlSubject,
      actor: deps.actor,
      expectedSeq: fleet.control.lastSeq,
      evidence: undefined,
      payload: verdict.decision,
    },
    signal,
  );
  if (outcome.kind === 'appended') {
    deps.log.info('adopted', {
      commit: verdict.decision.commit.id,
      ref: verdict.decision.ref,
      seq: outcome.seq,
      count: Object.keys(verdict.decision.broken).length,
    });
  }
}

/** Each followed ref of every source: its commit, or why there is none. */
async function seenRefs(
  deps: ControlRepoDeps,
  spec: FleetSpec,
  context: { readonly before: ControlAdopted | undefined; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, SeenRef>> {
  const seen = new Map<string, SeenRef>();
  for (const followed of followedRefs(spec)) {
    const remote = remoteOf(spec, followed.source, deps.remote);
    if (remote) seen.set(followed.key, await seenRef(deps, { followed, remote }, context));
  }
  return seen;
}

async function seenRef(
  deps: ControlRepoDeps,
  { followed, remote }: { readonly followed: FollowedRef; readonly remote: GitRemote },
  context: { readonly before: ControlAdopted | undefined; readonly signal: AbortSignal },
): Promise<SeenRef> {
  const { signal } = context;
  try {
    const head = await deps.git.resolveRef(remote, followed.ref, signal);
    const { tree: _tree, parents: _parents, ...commit } = await deps.git.readCommit(remote, head, signal);
    await deps.git.verifyCommit(remote, head, signal);
    const before = context.before?.sources[followed.key]?.id;
    return {
      commit,
      problem: '',
      isFastForward: await isFastForward(deps, remote, { before, head, signal }),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { commit: undefined, problem: describeError(error), isFastForward: 'unknown' };
  }
}

async function isFastForward(
  deps: ControlRepoDeps,
  remote: GitRemote,
  move: { readonly before: GitId | undefined; readonly head: GitId; readonly signal: AbortSignal },
): Promise<'yes' | 'no' | 'unknown'> {
  if (move.before === undefined || move.before === move.head) return 'yes';
  return await deps.git.isAncestor(remote, move.before, move.head, move.signal);
}

function acceptedIds(
  accepted: ReadonlyMap<string, ReadonlyMap<GitId, unknown>>,
): ReadonlyMap<string, ReadonlySet<GitId>> {
  return new Map([...accepted].map(([source, commits]) => [source, new Set(commits.keys())]));
}

function tellFailure(deps: ControlRepoDeps, error: unknown): void {
  deps.fleet.setOutlook({
    failure: controlFailure({
      url: deps.remote.url,
      ref: deps.ref,
      inForce: deps.fleet.control.adopted?.commit.id,
      code: errorCode(error) ?? 'CONTROL_UNREADABLE',
      text: describeError(error),
      advice: adviceOf(error),
    }),
  });
}
