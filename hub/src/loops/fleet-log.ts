import type { Digest } from '@flotilla/shared/base';
import { type Epoch, emptyBudget, type FleetBudget, foldBudget, foldEpoch, noEpoch } from '../core/index.ts';
import type { StoredDecision } from '../ports.ts';
import {
  type ControlState,
  type FleetPosition,
  foldControl,
  noControl,
  startPosition,
} from './fleet-state.ts';
import { LoggedHashes } from './logged-hashes.ts';

/** What the log says of the fleet as a whole, and how far it and the registrations are read. */
export class FleetLog {
  readonly #position: { -readonly [key in keyof FleetPosition]: FleetPosition[key] } = { ...startPosition };
  #control: ControlState = noControl;
  #budget: FleetBudget = emptyBudget;
  #epoch: Epoch = noEpoch;
  readonly #hashes = new LoggedHashes();

  /** How far log and registrations are read. */
  get position(): FleetPosition {
    return this.#position;
  }

  /** Where the control repository stands. */
  get control(): ControlState {
    return this.#control;
  }

  /** Which clusters are changing. */
  get budget(): FleetBudget {
    return this.#budget;
  }

  /** The fleet's epoch, and whether a person has looked at its raise. */
  get epoch(): Epoch {
    return this.#epoch;
  }

  /** Whether the event of a sequence is the one of this hash; undefined = not folded, or too old to be remembered. */
  isLogged(seq: number, hash: Digest): boolean | undefined {
    return this.#hashes.has(seq, hash);
  }

  /** True when log and registrations are read to the ends that they had at start. */
  get isReady(): boolean {
    return this.#position.isLogFolded && this.#position.isRegistryRead;
  }

  /** Something was read to the end that it had at start. */
  read(what: 'isLogFolded' | 'isRegistryRead' | 'isStatusRead'): void {
    this.#position[what] = true;
  }

  /** Takes an event that is of no placement; true when it changes what is in force of Git or accepted. */
  fold({ event, seq, storedAtMs }: StoredDecision): boolean {
    const { payload } = event;
    switch (payload.kind) {
      case 'control-adopted':
      case 'source-accepted':
        this.#control = foldControl(this.#control, { event, seq, storedAtMs }) ?? this.#control;
        return true;
      case 'budget-changed':
        this.#budget = foldBudget(this.#budget, { seq, payload });
        return false;
      case 'epoch-raised':
      case 'epoch-confirmed':
        this.#epoch = foldEpoch(this.#epoch, { seq, storedAtMs, payload });
        this.#position.epoch = this.#epoch.epoch;
        return false;
      default:
        return false;
    }
  }

  /** This event was taken, and those before it. */
  folded({ hash, seq }: Pick<StoredDecision, 'hash' | 'seq'>): void {
    this.#hashes.take(seq, hash);
    this.#position.foldedSeq = seq;
  }
}
