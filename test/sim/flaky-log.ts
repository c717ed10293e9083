import { LogUnavailableError } from '@flotilla/hub/io/decision-log';
import type { DecisionLog, StatusStream } from '@flotilla/hub/ports';
import type { MemoryDecisionLog, MemoryStatusStream } from '../fakes/index.ts';
import { travel, untilSeen, type Wire } from './process-life.ts';

/** The shared log as one process reaches it: late, behind, and with requests and answers that get lost. */
export function flakyLog(log: MemoryDecisionLog, wire: Wire): DecisionLog {
  /** A request that is lost was never stored; of a lost answer nobody knows. Both look the same from here. */
  async function ask<Answer>(request: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    await travel(wire);
    signal.throwIfAborted();
    if (wire.chance.is(wire.lossShare)) throw unavailable();
    const answer = await wire.life.alive(request());
    await travel(wire);
    if (wire.chance.is(wire.lossShare)) throw unavailable();
    return answer;
  }

  async function* follow(fromSeq: number, signal: AbortSignal): ReturnType<DecisionLog['follow']> {
    for await (const item of log.follow(fromSeq, signal)) {
      await untilSeen(wire, signal);
      if (wire.chance.is(wire.lossShare / 4)) throw unavailable();
      yield item;
    }
  }

  return {
    append: (subject, event, signal) => ask(() => log.append(subject, event, signal), signal),
    appendAll: (entries, signal) => ask(() => log.appendAll(entries, signal), signal),
    bounds: (signal) => ask(() => log.bounds(signal), signal),
    follow,
  };
}

/** The stream of reports as one process reaches it. */
export function flakyStatus(status: MemoryStatusStream, wire: Wire): StatusStream {
  return {
    async *follow(signal) {
      for await (const item of status.follow(signal)) {
        await untilSeen(wire, signal);
        yield item;
      }
    },
    async publish(uid, payload, signal) {
      await travel(wire);
      await status.publish(uid, payload, signal);
    },
    purge: (uid, signal) => status.purge(uid, signal),
  };
}

function unavailable(): LogUnavailableError {
  return new LogUnavailableError('no answer from the log', { code: 'LOG_UNAVAILABLE', retry: 'backoff' });
}
