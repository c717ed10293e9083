import type { Clock, PlacementName, Random } from '@flotilla/shared/base';
import { backoffMs, describeError } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import {
  type Asking,
  afterTry,
  beginAsking,
  type CheckAnswer,
  checkQuestion,
  type DueCheck,
  dueChecks,
  type JudgedReply,
  judgeReply,
  nextAskMs,
  tryMs,
} from '../core/index.ts';
import type { CheckPort } from '../ports.ts';
import type { Fleet } from './fleet.ts';

/** What asking needs. */
export interface AskDeps {
  readonly fleet: Fleet;
  readonly checks: CheckPort;
  readonly answers: CheckAnswers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told after every try what came of it. */
  readonly onTry: (outcome: JudgedReply['kind']) => void;
}

/** How far this process is with the questions that are due; in memory only, for asking again is harmless. */
export class CheckAnswers {
  readonly #asked = new Map<string, Asking & { readonly placement: PlacementName }>();

  /** Evidence for the rollout; undefined = this process has not begun to ask. */
  answerOf(key: string): CheckAnswer | undefined {
    return this.#asked.get(key)?.answer;
  }

  /** Where a question stands; begun now if it is new. */
  of(key: string, placement: PlacementName, nowMs: number): Asking {
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const begun = { ...beginAsking(nowMs), placement };
    this.#asked.set(key, begun);
    return begun;
  }

  /** A try ended; nothing is kept for a question that is due no longer. */
  set(key: string, asking: Asking): void {
    const known = this.#asked.get(key);
    if (known !== undefined) this.#asked.set(key, { ...asking, placement: known.placement });
  }

  /** Forgets a placement's questions but these. */
  keep(placement: PlacementName, keys: ReadonlySet<string>): void {
    for (const [key, asking] of this.#asked) {
      if (asking.placement === placement && !keys.has(key)) this.#asked.delete(key);
    }
  }
}

/** Between tries that nobody answered; Retry-After may ask for longer. */
const pauses = { baseMs: 2_000, capMs: 60_000 };
/** Questions on their way at the same time: each waits for somebody else, and one that is slow must not hold the others. */
const parallelism = 32;

/**
 * Asks the webhook checks that rollouts wait for, until there is an answer or the check's time is over. What came out is
 * evidence: the rollout loop makes a decision of it, which counts once however many processes asked (shared/adr/0013).
 */
export function startAsking(deps: AskDeps, signal: AbortSignal): Loop<PlacementName> {
  const { clock, fleet } = deps;
  const loop = startLoop<PlacementName>(
    {
      name: 'checks',
      clock,
      random: deps.random,
      log: deps.log,
      parallelism,
      backoff: { baseMs: 500, capMs: 30_000 },
      keysMax: 20_000,
      spacingMs: 100,
      reconcile: async (name, aborted) => {
        const nextAtMs = await askAll(deps, name, aborted);
        return nextAtMs === undefined
          ? { kind: 'done' }
          : { kind: 'after', ms: Math.max(0, nextAtMs - clock.nowMs()) };
      },
    },
    signal,
  );
  const remove = fleet.onWork.add((name) => void loop.add(name));
  signal.addEventListener('abort', remove, { once: true });
  return loop;
}

/** Tries every question of a placement whose time has come; returns when the next one's comes. */
async function askAll(deps: AskDeps, name: PlacementName, signal: AbortSignal): Promise<number | undefined> {
  const { answers, clock, fleet } = deps;
  const { state } = fleet.placementOf(name);
  const wallMs = clock.wallMs();
  const due = fleet.isReady ? dueChecks(state, wallMs) : [];
  answers.keep(name, new Set(due.map(({ key }) => key)));
  const oldAtMs = nextAskMs(state, wallMs);
  let nextAtMs = oldAtMs === undefined ? undefined : clock.nowMs() + oldAtMs - wallMs;
  for (const one of due) {
    let asking = answers.of(one.key, name, clock.nowMs());
    if (asking.answer.kind === 'asking' && asking.nextAtMs <= clock.nowMs()) {
      asking = await ask(deps, { placement: name, one, asking }, signal);
      answers.set(one.key, asking);
      fleet.onWork.tell(name);
    }
    if (asking.answer.kind === 'asking') nextAtMs = Math.min(nextAtMs ?? asking.nextAtMs, asking.nextAtMs);
  }
  return nextAtMs;
}

interface Question {
  readonly placement: PlacementName;
  readonly one: DueCheck;
  readonly asking: Asking;
}

async function ask(deps: AskDeps, question: Question, signal: AbortSignal): Promise<Asking> {
  const { clock } = deps;
  const { asking, one, placement } = question;
  const { credential, timeoutMs, url } = one.check;
  const allowedMs = tryMs(asking, timeoutMs, clock.nowMs());
  const body = checkQuestion(placement, one);
  let said: JudgedReply;
  let retryAfterMs = 0;
  try {
    const reply = await deps.checks.ask({ url, credential, body, timeoutMs: allowedMs }, signal);
    said = judgeReply(reply);
    retryAfterMs = reply.retryAfterMs ?? 0;
  } catch (error) {
    signal.throwIfAborted();
    said = { kind: 'none', text: describeError(error) };
  }
  deps.onTry(said.kind);
  const pauseMs = Math.max(retryAfterMs, backoffMs(asking.tries, pauses, deps.random));
  const after = afterTry(asking, said, { nowMs: clock.nowMs(), timeoutMs, pauseMs });
  say(deps.log, question, said.kind, after);
  return after;
}

function say(log: Logger, { one, placement }: Question, outcome: JudgedReply['kind'], after: Asking): void {
  const { kind, text } = after.answer;
  const fields = { placement, rollout: one.rollout.id, stage: one.name, check: one.check.name, reason: text };
  if (kind === 'failed') log.warn('a check failed', fields);
  else if (kind === 'passed') log.info('a check passed', fields);
  else if (outcome === 'none') log.warn('a check gives no answer, asking again', fields);
  else log.debug('a check has not decided yet, asking again', fields);
}
