import type { GitId, Random } from '@flotilla/shared/base';
import { adviceOf, describeError, err, errorCode, jitter, ok } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import type { Actor } from '@flotilla/shared/model';
import {
  adoptControl,
  atCommit,
  type ControlSeen,
  controlFailure,
  type FollowedRef,
  followedRefs,
  judgeFiles,
  specOf,
} from '../core/index.ts';
import type { GitPort, GitRemote } from '../ports.ts';
import { appendDecision, controlSubject, type DecidingDeps } from './append.ts';
import type { ControlFiles } from './control-files.ts';
import type { ControlState } from './fleet-state.ts';
import { controlSource, remoteOf } from './remotes.ts';
import { isFastForward, seenRefs } from './seen-refs.ts';
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

/** What the last look came to, so that an unchanged world costs one listing for each followed ref. */
interface Memory {
  seen: string | undefined;
  followed: readonly { readonly ref: FollowedRef; readonly remote: GitRemote }[];
}

async function look(deps: ControlRepoDeps, memory: Memory, signal: AbortSignal): Promise<void> {
  // What is decided rests on this state of the log alone: where another hub was first meanwhile, nothing is appended.
  const { control } = deps.fleet;
  const head = await deps.git.resolveRef(deps.remote, deps.ref, signal);
  const at = { control, head, signal };
  if (memory.seen !== undefined && memory.seen === seenText(at, await headsOf(deps, memory, signal))) {
    deps.fleet.setOutlook({ failure: undefined, readAtMs: deps.clock.wallMs() });
    return;
  }
  memory.seen = undefined;
  memory.seen = await lookInside(deps, memory, at);
}

/** What a look begins with. */
interface LookFrom {
  readonly control: ControlState;
  readonly head: GitId;
  readonly signal: AbortSignal;
}

/** What can be seen without reading files: heads, and what people accepted. A change in it asks for a full look. */
function seenText(at: Pick<LookFrom, 'control' | 'head'>, heads: readonly string[]): string {
  return JSON.stringify([at.head, heads, at.control.lastSeq]);
}

async function headsOf(
  deps: ControlRepoDeps,
  memory: Memory,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const heads: string[] = [];
  for (const { ref, remote } of memory.followed) {
    try {
      heads.push(await deps.git.resolveRef(remote, ref.ref, signal));
    } catch (error) {
      signal.throwIfAborted();
      heads.push(describeError(error));
    }
  }
  return heads;
}

/** Returns what the next look compares with; undefined = somebody was first, and everything is to be looked at again. */
async function lookInside(deps: ControlRepoDeps, memory: Memory, at: LookFrom): Promise<string | undefined> {
  const { fleet, files, git } = deps;
  const { control: from, head, signal } = at;
  const before = from.adopted;
  const inForce = before && (await files.readInForce(before, signal));
  const commit = await git.readCommit(deps.remote, head, signal);
  await git.verifyCommit(deps.remote, head, signal);
  const seen = await files.readCommit(head, new Set(Object.keys(before?.files ?? {})), signal);
  const isAccepted = from.accepted.get(controlSource)?.has(head) ?? false;
  const judged = judgeFiles(inForce, seen, { commit: head, isAccepted });
  const spec = judged.ok
    ? judged.value.spec
    : specOf([...(inForce?.files.values() ?? [])].map((file) => file.parsed));
  memory.followed = followedRefs(spec).flatMap((ref) => {
    const remote = remoteOf(spec, ref.source, deps.remote);
    return remote ? [{ ref, remote }] : [];
  });
  // Before they are read: what moves on while they are is seen at the next look.
  const heads = await headsOf(deps, memory, signal);
  const { tree: _tree, parents: _parents, ...info } = commit;
  const moved = await isFastForward(git, deps.remote, { before: before?.commit.id, head, signal });
  const control = judged.ok
    ? ok({ commit: info, ref: deps.ref, isFastForward: moved, files: judged.value })
    : err(judged.error);
  fleet.setOutlook({ errors: judged.ok ? judged.value.errors.map((one) => atCommit(one, head)) : [] });
  const sources = await seenRefs(deps, spec, { before, signal });
  const lastSeq = await decide(deps, at, { control, sources, accepted: acceptedIds(from.accepted) });
  return lastSeq === undefined ? undefined : seenText({ head, control: { ...from, lastSeq } }, heads);
}

/** Returns the last sequence of the subject that the decision rests on or is; undefined = somebody was first. */
async function decide(
  deps: ControlRepoDeps,
  { control: from, head, signal }: LookFrom,
  seen: ControlSeen,
): Promise<number | undefined> {
  const verdict = adoptControl(from.adopted, seen);
  const inForce = verdict.kind === 'adopt' ? verdict.decision : from.adopted;
  deps.fleet.setOutlook({
    held: verdict.held,
    waiting: waitingCommits({ ref: deps.ref, commit: head }, seen, inForce),
    failure: undefined,
    readAtMs: deps.clock.wallMs(),
  });
  if (verdict.kind !== 'adopt') return from.lastSeq;
  const outcome = await appendDecision(
    deps,
    {
      subject: controlSubject,
      actor: deps.actor,
      expectedSeq: from.lastSeq,
      evidence: undefined,
      payload: verdict.decision,
    },
    signal,
  );
  if (outcome.kind !== 'appended') return undefined;
  deps.log.info('adopted', {
    commit: verdict.decision.commit.id,
    ref: verdict.decision.ref,
    seq: outcome.seq,
    count: Object.keys(verdict.decision.broken).length,
  });
  return outcome.seq;
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
