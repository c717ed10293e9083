import type { Clock, PlacementName } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import { apiVersionOf } from '@flotilla/shared/model';
import {
  type EventInput,
  eventOf,
  eventRefOf,
  isWorthEvent,
  type ObjectStatus,
  statusKey,
  statusManager,
  statusObjectOf,
} from '../../core/index.ts';
import { KubeError } from '../../kube-port.ts';
import type { EngineContext } from '../engine/engine-context.ts';
import type { AssignmentMemory } from '../reconcile/index.ts';
import { createWakeUp, type WakeUp } from '../wake-up.ts';

/** States settle for so long before they are written: what passes in a moment is not worth a write. */
const settleMs = 1_500;
/** After a refusal. */
const retryMs = 30_000;

/** Writes the status of assignment objects, one after the other, and only what differs from what is there. */
export class StatusObjects {
  readonly #due = new Map<PlacementName, number>();
  readonly #wakeUp: WakeUp;
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#wakeUp = createWakeUp(context.clock);
  }

  /** The report on an assignment changed. Only marks. */
  changed(placement: PlacementName): void {
    if (this.#context.parents.kind !== 'Assignment') return;
    const soonMs = this.#context.clock.nowMs() + settleMs;
    // What waits to settle goes on waiting; what waits after a refusal gets its chance with the news.
    this.#due.set(placement, Math.min(soonMs, this.#due.get(placement) ?? soonMs));
    this.#wakeUp.wake();
  }

  /** Runs until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    while (!signal.aborted) {
      const next = this.#earliest();
      if (next === undefined || next.dueMs > clock.nowMs()) {
        await this.#wakeUp.until(next?.dueMs ?? clock.nowMs() + retryMs, signal);
        continue;
      }
      this.#due.delete(next.placement);
      await this.#write(next.placement, signal);
    }
  }

  #earliest(): { readonly placement: PlacementName; readonly dueMs: number } | undefined {
    let found: { placement: PlacementName; dueMs: number } | undefined;
    for (const [placement, dueMs] of this.#due)
      if (found === undefined || dueMs < found.dueMs) found = { placement, dueMs };
    return found;
  }

  async #write(placement: PlacementName, signal: AbortSignal): Promise<void> {
    const { parents, memories, log, clock, slots } = this.#context;
    const memory = memories.get(placement);
    const parent = parents.get(placement);
    if (memory?.report === undefined || memory.report.state === 'Removed' || parent?.reading.kind !== 'ours')
      return;
    const status = this.#statusOf(memory, parent.status);
    if (status === undefined) return;
    const before = parent.status;
    try {
      const written = await slots.run(() => this.#apply(placement, status, signal), signal);
      parents.note(written);
      if (isWorthEvent(before, status)) await this.#tell(placement, { status, uid: parent.uid }, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.debug('status object not written', { placement, error });
      this.#due.set(placement, clock.nowMs() + retryMs);
    }
  }

  /** Tells people what happened, where `kubectl describe` shows it. Nothing depends on it: what cannot be told is left. */
  async #tell(
    placement: PlacementName,
    { status, uid }: { readonly status: ObjectStatus; readonly uid: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log, parents, slots } = this.#context;
    const about = { ref: parents.refOf(placement), uid };
    const input = { status, about, wallTime: wallTimeOf(clock) };
    try {
      await slots.run(() => this.#writeEvent(input, signal), signal);
    } catch (error) {
      if (!signal.aborted) log.debug('event not written', { placement, error });
    }
  }

  /** One request for what is new; what came before is counted on. */
  async #writeEvent(input: EventInput, signal: AbortSignal): Promise<void> {
    const { kube } = this.#context.ports;
    const options = { fieldManager: statusManager, dryRun: false } as const;
    try {
      await kube.create(eventOf(input, undefined), options, signal);
    } catch (error) {
      if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error;
      const existing = await kube.get(eventRefOf(input), signal);
      const counted = eventOf(input, existing);
      await kube.apply(counted, { ...options, force: true, fieldValidation: 'Strict' }, signal);
    }
  }

  /** Undefined when the object says it already. */
  #statusOf(memory: AssignmentMemory, before: ObjectStatus | undefined): ObjectStatus | undefined {
    if (memory.report === undefined) return undefined;
    const wallTime = wallTimeOf(this.#context.clock);
    const status = statusObjectOf(memory.report, before, { wallTime, generation: memory.parentGeneration });
    return before !== undefined && statusKey(before) === statusKey(status) ? undefined : status;
  }

  async #apply(placement: PlacementName, status: ObjectStatus, signal: AbortSignal): Promise<KubeObject> {
    const { parents, ports } = this.#context;
    const ref = parents.refOf(placement);
    const object = { apiVersion: apiVersionOf(ref), kind: ref.kind, metadata: { name: ref.name }, status };
    const options = {
      fieldManager: statusManager,
      force: true,
      dryRun: false,
      fieldValidation: 'Strict',
      subresource: 'status',
    } as const;
    return await ports.kube.apply(object, options, signal);
  }
}

/** RFC 3339 to the second, as Kubernetes writes times. */
function wallTimeOf(clock: Clock): string {
  return new Date(clock.wallMs()).toISOString().replace(/\.\d+Z$/, 'Z');
}
