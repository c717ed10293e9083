import { problemCodes } from '@flotilla/shared/model';
import { CliError } from '../cli-error.ts';
import type { CommandDeps } from '../command-deps.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { type ApiClient, follow } from '../hub/index.ts';
import { nextFor, type OutputFormat, type RolloutView, rolloutLines, safeJson } from '../output/index.ts';
import type { Terminal } from '../terminal.ts';
import { rolloutDocument } from './rollout-status.ts';
import { findTarget, type RolloutTarget, readRollout } from './rollout-target.ts';
import { isSettled, unmetOf, verdictOf } from './rollout-verdict.ts';
import { tellStream } from './watch.ts';

/** Flags of `rollout watch`. */
export interface WatchRolloutOptions {
  readonly output: OutputFormat;
  /** Milliseconds; undefined = until it ends. */
  readonly timeout?: number | undefined;
}

/** `flotilla rollout watch NAME`: follows it until it has ended or is halted; prints the lines that change. */
export async function watchRollout(
  name: string,
  options: WatchRolloutOptions,
  deps: CommandDeps,
): Promise<ExitCode> {
  const client = await deps.openClient();
  const target = await findTarget(client, name, deps.signal);
  const deadline = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout);
  const signal = deadline === undefined ? deps.signal : AbortSignal.any([deps.signal, deadline]);
  const watch = new RolloutWatch(client, target, linesPrinter(options.output, deps.terminal));
  try {
    return await watch.run({ ...deps, signal });
  } catch (error) {
    if (deadline?.aborted !== true || deps.signal.aborted) throw error;
    throw notInTime(target, watch.seen);
  }
}

type Print = (view: RolloutView) => void;

/** One rollout, and the look at it that was printed last. */
class RolloutWatch {
  readonly #client: ApiClient;
  readonly #target: RolloutTarget;
  readonly #print: Print;
  #seen: RolloutView | undefined;

  constructor(client: ApiClient, target: RolloutTarget, print: Print) {
    this.#client = client;
    this.#target = target;
    this.#print = print;
  }

  get seen(): RolloutView | undefined {
    return this.#seen;
  }

  async run({ signal, terminal }: CommandDeps): Promise<ExitCode> {
    // The sequence is asked first: what changes while the rollout is read is heard afterwards.
    const { metadata } = await this.#client.list('rollouts', { limit: 1 }, signal);
    const first = await this.#look(signal);
    if (isSettled(first)) return verdictOf(first);
    const fieldSelector = `placement=${first.rollout.spec.placement}`;
    const wanted = { kind: 'rollouts', since: metadata.sequence, fieldSelector } as const;
    for await (const heard of follow(this.#client.hub, wanted, signal)) {
      tellStream(heard, terminal);
      if (heard.kind !== 'changed' && heard.kind !== 'synced') continue;
      const view = await this.#look(signal);
      if (isSettled(view)) return verdictOf(view);
    }
    return exitCodes.interrupted;
  }

  async #look(signal: AbortSignal): Promise<RolloutView> {
    try {
      this.#seen = await readRollout(this.#client, this.#target, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The stream says that the hub went away, and when it is back.
      const isAway = error instanceof CliError && error.exitCode === exitCodes.hubUnreachable;
      if (!isAway || this.#seen === undefined) throw error;
      return this.#seen;
    }
    this.#print(this.#seen);
    return this.#seen;
  }
}

/** Prints of each look the lines that the one before did not have, or with -o json a document when it differs. */
function linesPrinter(output: OutputFormat, terminal: Terminal): Print {
  let before: readonly string[] = [];
  const isDocument = output === 'json' || output === 'yaml';
  return (view) => {
    const { asOfMs: _, ...document } = { ...rolloutDocument(view), asOfMs: 0 };
    const now = isDocument ? [safeJson(document)] : rolloutLines(view, { ...terminal, hasAges: false });
    const known = new Set(before);
    for (const line of now) if (!known.has(line)) terminal.print(line);
    before = now;
  };
}

function notInTime({ kind, name }: RolloutTarget, seen: RolloutView | undefined): CliError {
  const problem = {
    code: problemCodes.notInTime,
    text: `the rollout of ${kind} ${name} did not end in time`,
    cause: seen === undefined ? 'the hub did not show it' : unmetOf(seen).join('; '),
    stillTrue: 'it goes on',
    next: seen === undefined ? 'flotilla status' : nextFor(seen),
  };
  return new CliError(problem, exitCodes.timeout, undefined, seen !== undefined);
}
