import { type Digest, isAbort, type PlacementName } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { Actor } from '@flotilla/shared/model';
import { adoptHeld, desiredNow, type HeldClaim, hasUnexplained, raisedEpoch } from '../core/index.ts';
import { appendDecision, type DecidingDeps, epochSubject } from './append.ts';
import { placementSubject } from './fleet-state.ts';
import { Pulse } from './pulse.ts';

/** What the epoch loop runs on. */
export interface EpochDeps extends DecidingDeps {
  /** Every row that an agent on a stream of this process provably holds. */
  readonly held: () => Iterable<HeldClaim & { readonly placement: PlacementName }>;
  readonly actor: Actor;
  readonly log: Logger;
}

/** Keeps the epoch above what agents hold, and writes down what they hold after the log lost it. */
export interface EpochKeeper {
  /** An agent's proven claims say that the log lost decisions. */
  lost(loss: { readonly text: string; readonly claimed: number }): void;
  /** An agent showed what it holds. */
  look(): void;
  /** Resolves when the signal was aborted. Never rejects. */
  readonly ended: Promise<void>;
}

const againMs = 1_000;

/** Starts keeping. A fleet begins with epoch 1; whoever is first writes it. */
export function startEpoch(deps: EpochDeps, signal: AbortSignal): EpochKeeper {
  const loop = new EpochLoop(deps);
  const removals = [
    deps.fleet.onEpoch.add(() => loop.pulse.raise()),
    deps.fleet.onReady.add(() => loop.pulse.raise()),
  ];
  const ended = loop.run(signal).finally(() => removals.forEach((remove) => void remove()));
  return {
    lost: (loss) => loop.lost(loss),
    look: () => loop.pulse.raise(),
    ended,
  };
}

interface Loss {
  readonly text: string;
  readonly claimed: number;
  readonly seenAt: number;
}

class EpochLoop {
  readonly pulse = new Pulse();
  readonly #deps: EpochDeps;
  #loss: Loss | undefined;

  constructor(deps: EpochDeps) {
    this.#deps = deps;
  }

  lost({ claimed, text }: { readonly text: string; readonly claimed: number }): void {
    const seenAt = Math.max(1, this.#deps.fleet.epoch.epoch);
    this.#loss = { text, seenAt, claimed: Math.max(claimed, this.#loss?.claimed ?? 0) };
    this.pulse.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.pulse.raise();
    while (!signal.aborted) {
      const isDone = await this.#look(signal);
      if (isDone) await this.pulse.wait(signal);
      else await this.pulse.waitAtMost(againMs, this.#deps.clock, signal);
    }
  }

  /** True when there is nothing left to do until something happens. */
  async #look(signal: AbortSignal): Promise<boolean> {
    const { fleet, log } = this.#deps;
    if (!fleet.isReady) return true;
    try {
      const isRaised = await this.#raise(signal);
      return isRaised && (await this.#adopt(signal));
    } catch (error) {
      if (signal.aborted && isAbort(error)) return true;
      log.warn('the epoch cannot be kept, trying again', { error });
      return false;
    }
  }

  async #raise(signal: AbortSignal): Promise<boolean> {
    const { actor, fleet, log } = this.#deps;
    const { epoch, lastSeq } = fleet.epoch;
    const raised = this.#wanted();
    if (raised === undefined) return true;
    const { text } = raised;
    const payload = { kind: 'epoch-raised', epoch: raised.epoch, text } as const;
    const decision = { subject: epochSubject, actor, expectedSeq: lastSeq, evidence: undefined, payload };
    const outcome = await appendDecision(this.#deps, decision, signal);
    if (outcome.kind === 'conflict') return false;
    if (epoch > 0) log.error('the epoch was raised: a person must look', { reason: text });
    return true;
  }

  /** The epoch that should be in the log; undefined = it is. */
  #wanted(): { readonly epoch: number; readonly text: string } | undefined {
    const current = this.#deps.fleet.epoch;
    const loss = this.#loss;
    const epoch = loss && raisedEpoch(current, loss);
    if (loss !== undefined && epoch !== undefined) return { epoch, text: loss.text };
    this.#loss = undefined;
    return current.epoch === 0 ? { epoch: 1, text: 'the fleet begins' } : undefined;
  }

  /** True when everything that agents hold here is explained by the log. */
  async #adopt(signal: AbortSignal): Promise<boolean> {
    const { actor, fleet, log } = this.#deps;
    const { epoch } = fleet.epoch;
    if (epoch <= 1) return true;
    let isDone = true;
    for (const [name, claims] of byPlacement(this.#deps.held())) {
      const { desired, state } = fleet.placementOf(name);
      const adopting = {
        state,
        epoch,
        desired: desiredNow(desired, fleet.control.adoptedSeq, state),
        isLogged: (seq: number, eventHash: Digest) => fleet.isLogged(seq, eventHash),
      };
      const payload = adoptHeld(adopting, claims);
      if (payload === undefined) {
        if (adopting.desired.kind === 'unresolved' && hasUnexplained(adopting, claims)) isDone = false;
        continue;
      }
      const decision = {
        subject: placementSubject(name),
        actor,
        expectedSeq: state.lastSeq,
        evidence: undefined,
        payload,
      };
      const outcome = await appendDecision(this.#deps, decision, signal);
      if (outcome.kind === 'conflict') return false;
      const count = Object.keys(payload.targets).length;
      log.warn('what clusters hold was written down again', { placement: name, count, seq: outcome.seq });
    }
    return isDone;
  }
}

function byPlacement(
  held: Iterable<HeldClaim & { readonly placement: PlacementName }>,
): ReadonlyMap<PlacementName, readonly HeldClaim[]> {
  const all = new Map<PlacementName, HeldClaim[]>();
  for (const { placement, ...claim } of held) {
    const claims = all.get(placement);
    if (claims === undefined) all.set(placement, [claim]);
    else claims.push(claim);
  }
  return all;
}
