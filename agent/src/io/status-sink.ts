import type { BackoffBounds, Random } from '@flotilla/shared/base';
import { jitter } from '@flotilla/shared/base';
import { statusPayloadOf } from '@flotilla/shared/codec';
import { gzip, type Logger, systemClock } from '@flotilla/shared/kit';
import { type Bus, BusError, connectBus } from '@flotilla/shared/kit/nats';
import { inboxPrefix, statusSubject } from '@flotilla/shared/model';
import type { AgentIdentity, StatusSink } from '../ports.ts';

/** What the sink needs. */
export interface StatusSinkOptions {
  /** The agent's newest identity; read anew at every dial, so that renewed credentials, roots and addresses are used. */
  readonly identity: () => AgentIdentity;
  readonly random: Random;
  readonly log: Logger;
  /** Pause between dials, full jitter. Default 1 s to 60 s: a fleet must not come back in one moment. */
  readonly backoff?: BackoffBounds;
}

const agentBackoff: BackoffBounds = { baseMs: 1_000, capMs: 60_000 };
const pingMs = 15_000;
/** An agent serves a bus of any version that stores what it publishes. */
const versionMin = '2.10.0';
/** Pause before a bus that is too old, or a connection that ended for good, is dialled anew. */
const anewMs = 60_000;

/**
 * Opens the agent's way to the bus and returns at once: it is dialled in the background, for ever. An agent may publish on
 * its own subject and hear its own inbox only; it uses no JetStream API.
 */
export function openStatusSink(options: StatusSinkOptions): StatusSink {
  const closing = new AbortController();
  let bus: Bus | undefined;
  const dialling = keepDialling(options, closing.signal, (opened) => {
    bus = opened;
  });
  return {
    async publish(report, signal) {
      signal.throwIfAborted();
      if (bus === undefined) throw new BusError('BUS_AWAY', 'publish the report: the bus is away');
      const subject = statusSubject(options.identity().clusterUid);
      bus.publish(subject, statusPayloadOf(report, gzip));
      await bus.flush(signal);
    },
    get isConnected() {
      return bus?.isConnected ?? false;
    },
    async close() {
      closing.abort(new DOMException('the status sink is closed', 'AbortError'));
      await bus?.[Symbol.asyncDispose]();
      await dialling;
    },
  };
}

/** Dials, waits until that connection has ended for good, and dials again, until the signal is aborted. Never rejects. */
async function keepDialling(
  options: StatusSinkOptions,
  signal: AbortSignal,
  onOpen: (bus: Bus | undefined) => void,
): Promise<void> {
  const clock = systemClock();
  while (!signal.aborted) {
    try {
      const bus = await dial(options, signal);
      onOpen(bus);
      await bus.closed;
      if (!signal.aborted) options.log.warn('bus connection ended, dialling anew');
      onOpen(undefined);
    } catch (error) {
      if (!signal.aborted) options.log.error('bus cannot be used', { error });
    }
    await clock.sleep(jitter(anewMs, 0.2, options.random), signal).catch(() => {});
  }
}

async function dial(
  { identity, random, log, backoff }: StatusSinkOptions,
  signal: AbortSignal,
): Promise<Bus> {
  const { clusterUid } = identity();
  return await connectBus(
    {
      name: `flotilla-agent ${clusterUid}`,
      servers: () => identity().natsUrls,
      credentials: () => ({ kind: 'jwt', jwt: identity().natsUserJwt, seed: identity().natsSeed }),
      caPem: () => identity().caBundlePem,
      inboxPrefix: inboxPrefix(clusterUid),
      backoff: backoff ?? agentBackoff,
      versionMin,
      pingMs,
      random,
      log,
    },
    signal,
  );
}
