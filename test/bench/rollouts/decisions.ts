import { openDecisionLog } from '@flotilla/hub/io/decision-log';
import type { StoredDecision } from '@flotilla/hub/ports';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import type { Bus } from '@flotilla/shared/kit/nats';
import { formatVersion } from '@flotilla/shared/model';
import type { Proof } from '../load/well-reporter.ts';

/** The decision log, as somebody beside the hub reads it. */
export class Decisions {
  readonly all: StoredDecision[] = [];
  readonly #following: Promise<void>;
  readonly #isRead = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();

  private constructor(log: Awaited<ReturnType<typeof openDecisionLog>>) {
    this.#following = this.#follow(log);
  }

  /** Resolves when everything that is in the log is read: a folder of before has a history. */
  static async open(bus: Bus): Promise<Decisions> {
    const common = { clock: systemClock(), random: cryptoRandom(), log: silentLogger };
    const options = { ...common, bus, replicas: 1, appendDeadlineMs: 10_000 };
    const decisions = new Decisions(await openDecisionLog(options, new AbortController().signal));
    await decisions.#isRead.promise;
    return decisions;
  }

  /** How many rollouts have succeeded after this sequence. */
  succeededAfter(seq: number): number {
    return this.all.filter((one) => one.seq > seq && one.event.payload.kind === 'rollout-succeeded').length;
  }

  get lastSeq(): number {
    return this.all.at(-1)?.seq ?? 0;
  }

  async #follow(log: Awaited<ReturnType<typeof openDecisionLog>>): Promise<void> {
    try {
      for await (const item of log.follow(1, this.#stopping.signal)) {
        if ('kind' in item) this.#isRead.resolve();
        else this.all.push(item);
      }
    } catch (error) {
      this.#isRead.reject(error);
      if (!this.#stopping.signal.aborted) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new DOMException('the measurement is over', 'AbortError'));
    await this.#following;
  }
}

/** How long after the last evidence of a wave the next one opened. */
export interface Latency {
  readonly rollout: string;
  /** Index of the wave that opened. */
  readonly wave: number;
  readonly ms: number;
}

/** From the moment that the bus had the last report which proves a wave, to the moment that it stored the next one's opening. */
export function latenciesOf(
  decisions: readonly StoredDecision[],
  proofs: readonly Proof[],
): readonly Latency[] {
  const provenAtMs = new Map(
    proofs.map((one) => [`${one.placement} ${one.clusterUid} ${one.version}`, one.atMs]),
  );
  /** Of each rollout, whose proof the wave that opened last waits for. */
  const before = new Map<string, readonly string[]>();
  const latencies: Latency[] = [];
  for (const { event, seq, storedAtMs, subject } of decisions) {
    const { payload } = event;
    if (payload.kind !== 'wave-opened') continue;
    const placement = subject.slice(subject.lastIndexOf('.') + 1);
    const version = formatVersion({ epoch, seq });
    const last = (before.get(payload.rollout) ?? []).map((key) => provenAtMs.get(key) ?? Number.NaN);
    if (last.length > 0 && !last.some(Number.isNaN))
      latencies.push({ rollout: payload.rollout, wave: payload.wave, ms: storedAtMs - Math.max(...last) });
    before.set(
      payload.rollout,
      payload.clusters.map((uid) => `${placement} ${uid} ${version}`),
    );
  }
  return latencies;
}

/** The fleets of measurements are in their first. */
const epoch = 1;
