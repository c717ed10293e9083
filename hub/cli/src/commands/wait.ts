import { setTimeout as delay } from 'node:timers/promises';
import { apiVersion, type ProblemCode, problemCodes } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type ApiClient, follow } from '../hub/index.ts';
import { oneOf } from '../kinds.ts';
import { writeDocument } from '../output/index.ts';
import { type WaitOptions, type Watched, watchedBy } from './wait-target.ts';
import type { WaitVerdict } from './wait-verdict.ts';
import { tellStream } from './watch.ts';

/** `flotilla wait NAME`: ends when it is so, or cannot become so, or takes too long; every other end lists what is unmet. */
export async function waitFor(name: string, options: WaitOptions, deps: CommandDeps): Promise<ExitCode> {
  const { signal, terminal } = deps;
  const client = await deps.openClient();
  const watched = await watchedBy(client, name, options, signal);
  await new Wait(client, watched, options).run(deps);
  const { condition, kind } = watched;
  const { output } = options;
  if (output === 'json' || output === 'yaml') {
    const document = {
      apiVersion,
      kind: 'Wait',
      target: `${oneOf(kind)}/${watched.name}`,
      condition,
      isMet: true,
    };
    await writeDocument(document, output, terminal);
  } else
    terminal.print(`${oneOf(kind)}/${watched.name} ${condition === 'succeeded' ? 'has' : 'is'} ${condition}`);
  return exitCodes.ok;
}

/** How long it waits before a hub that was away is asked again. */
const awayMs = 1_000;

/** Looks, waits for something to change, and looks again. */
class Wait {
  readonly #client: ApiClient;
  readonly #watched: Watched;
  readonly #options: WaitOptions;
  /** Monotonic clock; undefined = never. */
  readonly #endMs: number | undefined;
  #last: WaitVerdict = { kind: 'moving', unmet: ['the hub did not show it'] };
  /** Since when it has been failing without a break. */
  #unwellSinceMs: number | undefined;
  #isAway = false;

  constructor(client: ApiClient, watched: Watched, options: WaitOptions) {
    this.#client = client;
    this.#watched = watched;
    this.#options = options;
    this.#endMs = options.timeout === undefined ? undefined : performance.now() + options.timeout;
  }

  /** Resolves when it is so. Rejects with CliError otherwise. */
  async run(deps: CommandDeps): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      const sequence = await this.#look(deps, isFirst);
      if (this.#last.kind === 'met' && !this.#isAway) return;
      const leftMs = this.#judge();
      if (sequence === undefined) await delay(Math.min(awayMs, leftMs), undefined, { signal: deps.signal });
      else await this.#untilChange(sequence, leftMs, deps);
    }
  }

  /** Where the hub stood before the look; undefined = it is away. */
  async #look({ signal, terminal }: CommandDeps, isFirst: boolean): Promise<string | undefined> {
    try {
      // The sequence is asked first: what changes while it is looked at is heard afterwards.
      const { metadata } = await this.#client.list(this.#watched.follows.kind, { limit: 1 }, signal);
      this.#last = await this.#watched.look(signal);
      if (this.#isAway) tellStream({ kind: 'back' }, terminal);
      this.#isAway = false;
      return metadata.sequence;
    } catch (error) {
      signal.throwIfAborted();
      const isAway = error instanceof CliError && error.exitCode === exitCodes.hubUnreachable;
      if (!isAway || isFirst) throw error;
      if (!this.#isAway) tellStream({ kind: 'lost', error }, terminal);
      this.#isAway = true;
      return undefined;
    }
  }

  /** How long to wait at most; throws when waiting is over. */
  #judge(): number {
    const nowMs = performance.now();
    const last = this.#last;
    if (last.kind !== 'unwell') this.#unwellSinceMs = undefined;
    else this.#unwellSinceMs ??= nowMs;
    if (!this.#isAway && last.kind === 'failed') throw this.#ended(exitCodes.failed);
    if (!this.#isAway && last.kind === 'person') throw this.#ended(exitCodes.waiting);
    const graceMs = this.#unwellSinceMs === undefined ? undefined : this.#unwellSinceMs + this.#options.grace;
    if (!this.#isAway && graceMs !== undefined && nowMs >= graceMs) throw this.#ended(exitCodes.failed);
    if (this.#endMs !== undefined && nowMs >= this.#endMs) throw this.#ended(this.#lateCode());
    const ends = [graceMs, this.#endMs].filter((ms) => ms !== undefined);
    return Math.max(1, Math.ceil(Math.min(...ends.map((ms) => ms - nowMs), maxMs)));
  }

  /** Why it was not so in time. */
  #lateCode(): ExitCode {
    if (this.#isAway) return exitCodes.hubUnreachable;
    if (this.#last.kind !== 'moving') return exitCodes.timeout;
    if (this.#last.isHeld === true) return exitCodes.waiting;
    return this.#last.isUnknown === true ? exitCodes.partial : exitCodes.timeout;
  }

  #ended(code: ExitCode): CliError {
    const { condition, kind, name } = this.#watched;
    const unmet = this.#last.kind === 'met' ? [] : this.#last.unmet;
    const away = this.#isAway ? ['the hub cannot be reached'] : [];
    const codes: { readonly [exit: number]: ProblemCode } = {
      [exitCodes.failed]: problemCodes.waitFailed,
      [exitCodes.waiting]: problemCodes.waitsForPerson,
    };
    return new CliError(
      {
        code: codes[code] ?? problemCodes.notInTime,
        text: `${oneOf(kind)} ${name} ${condition === 'succeeded' ? 'has not' : 'is not'} ${condition}`,
        cause: [...away, ...unmet].join('; '),
        stillTrue:
          code === exitCodes.failed ? 'waiting changes nothing about it' : 'what is under way goes on',
        next:
          kind === 'rollouts' || condition === 'succeeded'
            ? `flotilla rollout status ${name}`
            : `flotilla describe ${oneOf(kind)} ${name}`,
      },
      code,
    );
  }

  /** Resolves when something changed, the hub came back, or the time is over. */
  async #untilChange(since: string, leftMs: number, { signal, terminal }: CommandDeps): Promise<void> {
    const over = AbortSignal.timeout(leftMs);
    const { follows } = this.#watched;
    let isAnew = false;
    try {
      const both = AbortSignal.any([signal, over]);
      for await (const heard of follow(this.#client.hub, { ...follows, since }, both)) {
        if (heard.kind === 'lost') {
          tellStream(heard, terminal);
          this.#isAway = true;
          return;
        }
        if (heard.kind === 'reset') isAnew = true;
        if (heard.kind === 'changed' || (heard.kind === 'synced' && isAnew)) return;
      }
    } catch (error) {
      if (!over.aborted || signal.aborted) throw error;
    }
  }
}

/** Even without a word it looks so often. */
const maxMs = 60_000;
