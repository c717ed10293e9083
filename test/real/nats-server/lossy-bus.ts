import { type Bus, BusError } from '@flotilla/shared/kit/nats';

/** A real connection on which a test can lose single messages. */
export interface LossyBus extends Bus {
  /** The next so many stored messages reach the server, but their answers are lost; `meanwhile` happens before that is known. */
  loseAnswers(count: number, meanwhile?: () => Promise<unknown>): void;
  /** The next so many messages to be stored are lost on the way to the server. */
  loseRequests(count: number): void;
}

/** Wraps a connection. Only what is to be stored is lost (`flotilla.*` and buckets), never a question to JetStream. */
export function lossyBus(bus: Bus): LossyBus {
  let answersToLose = 0;
  let requestsToLose = 0;
  let happenMeanwhile: (() => Promise<unknown>) | undefined;
  const lost = (): BusError => new BusError('BUS_OUTCOME_UNKNOWN', 'lost by the test');
  const request: Bus['request'] = async (asked, signal) => {
    const isStored = asked.subject.startsWith('flotilla.') || asked.subject.startsWith('$KV.');
    if (isStored && requestsToLose > 0) {
      requestsToLose -= 1;
      throw lost();
    }
    const answer = await bus.request(asked, signal);
    if (!isStored || answersToLose === 0) return answer;
    answersToLose -= 1;
    await happenMeanwhile?.();
    throw lost();
  };
  function loseAnswers(count: number, meanwhile?: () => Promise<unknown>): void {
    answersToLose = count;
    happenMeanwhile = meanwhile;
  }
  return new Proxy(bus, {
    get(target, name) {
      if (name === 'request') return request;
      if (name === 'loseAnswers') return loseAnswers;
      if (name === 'loseRequests') return (count: number) => (requestsToLose = count);
      return Reflect.get(target, name, target);
    },
    // The two added methods are answered above.
  }) as LossyBus;
}
