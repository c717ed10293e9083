import { cryptoRandom, silentLogger } from '@flotilla/shared/kit';
import { connectBus } from '@flotilla/shared/kit/nats';
import { inboxPrefix, statusSubject } from '@flotilla/shared/model';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRenewingAgent, type RenewingAgent, renewDeadlineMs, startTestBus, until } from './index.ts';

let agent: RenewingAgent;

beforeEach(async () => {
  agent = await openRenewingAgent();
});
afterEach(() => agent[Symbol.asyncDispose]());

describe('an agent whose bus credential lives for seconds', () => {
  it('publishes on, because it dials with the newest one when the server cuts the old', async () => {
    await using bus = await startTestBus({ natsUserMs: 5_000 });
    const fleetClient = await bus.connectHub('FLEET');
    const streams = await jetstreamManager(fleetClient);
    await streams.streams.add({
      name: 'FLOTILLA_STATUS',
      subjects: ['flotilla.status.*'],
      max_msgs_per_subject: 1,
      no_ack: true,
    });
    const { identity } = await agent.joined({ identity: bus.identity, natsUrls: [bus.server.url] });
    const renewal = agent.renewing(identity);
    await using mine = await connectBus(
      {
        name: 'agent',
        servers: () => renewal.identity().natsUrls,
        credentials: () => {
          const { natsUserJwt: jwt, natsSeed: seed } = renewal.identity();
          return { kind: 'jwt', jwt, seed };
        },
        caPem: () => renewal.identity().caBundlePem,
        inboxPrefix: inboxPrefix(identity.clusterUid),
        backoff: { baseMs: 20, capMs: 200 },
        versionMin: '2.12.0',
        pingMs: 1_000,
        random: cryptoRandom(),
        log: silentLogger,
      },
      AbortSignal.timeout(renewDeadlineMs),
    );
    let cuts = 0;
    mine.onConnection((isConnected) => {
      if (!isConnected) cuts += 1;
    });

    // The server cuts each connection when its credential ends.
    await until(() => cuts >= 2 && mine.isConnected);

    const subject = statusSubject(identity.clusterUid);
    await until(async () => {
      if (mine.isConnected) mine.publish(subject, 'still here');
      const last = await streams.streams
        .getMessage('FLOTILLA_STATUS', { last_by_subj: subject })
        .catch(() => undefined);
      return last?.string() === 'still here';
    });
    expect(renewal.problem()).toBeUndefined();
    expect(renewal.identity().natsUserJwt).not.toBe(identity.natsUserJwt);
  });
});
