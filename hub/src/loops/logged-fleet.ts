import type { Digest } from '@flotilla/shared/base';
import type { Epoch, FleetBudget } from '../core/index.ts';
import { FleetListeners } from './fleet-listeners.ts';
import { FleetLog } from './fleet-log.ts';
import { KnownRules } from './fleet-rules.ts';
import type { ControlState, FleetPosition, FleetRules } from './fleet-state.ts';

/** A fleet as far as the log speaks of it as a whole, and the rules of what the log has put in force. */
export class LoggedFleet extends FleetListeners {
  /** Changed by the fleet alone. */
  protected readonly log = new FleetLog();
  /** Changed by the fleet alone. */
  protected readonly knownRules = new KnownRules();

  /** How far log and registrations are read. */
  get position(): FleetPosition {
    return this.log.position;
  }

  /** Where the control repository stands in the log. */
  get control(): ControlState {
    return this.log.control;
  }

  /** Rules for all placements, as the commit in force has them; undefined while this process has not looked at it. */
  get rules(): FleetRules | undefined {
    return this.knownRules.at(this.control.adoptedSeq);
  }

  /** Which clusters are changing, as the log says. */
  get budget(): FleetBudget {
    return this.log.budget;
  }

  /** The fleet's epoch, and whether a person has looked at its raise. */
  get epoch(): Epoch {
    return this.log.epoch;
  }

  /** Whether the log's event of a sequence is the one of this hash; undefined = not folded, or too old to be remembered. */
  isLogged(seq: number, hash: Digest): boolean | undefined {
    return this.log.isLogged(seq, hash);
  }

  /** True when this process may speak for the fleet: the log and the registrations are read to their ends. */
  get isReady(): boolean {
    return this.log.isReady;
  }
}
