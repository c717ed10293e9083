import { hubLinkOf } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity } from '@flotilla/agent/ports';
import type { ClusterName, ClusterUid, HubId } from '@flotilla/shared/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AgentEnd } from './ends/agent-end.ts';
import { playAgentScript } from './ends/play-agent-script.ts';
import { type Identity, makeCa, type TestCa } from './raw/certificates.ts';
import { type RawHub, startRawHub } from './raw/hub-peer.ts';
import { scriptUid } from './raw/rows.ts';
import { agentGreetingScripts } from './scripts/agent-greeting.ts';
import { agentLivingScripts } from './scripts/agent-living.ts';
import { agentRefusalScripts } from './scripts/agent-refusals.ts';
import { agentRowScripts } from './scripts/agent-rows.ts';
import { scriptHubId } from './scripts/frames.ts';

const never = new AbortController().signal;
let ca: TestCa;
let server: Identity;
let agentIdentity: Identity;

beforeAll(async () => {
  ca = await makeCa();
  server = await ca.server();
  agentIdentity = await ca.client(`URI:spiffe://fleet.test/cluster/${scriptUid}`);
});
afterAll(() => ca.close());

const scripts = [...agentGreetingScripts, ...agentLivingScripts, ...agentRowScripts, ...agentRefusalScripts];

describe('an agent, by scripts written from PROTOCOL.md alone', () => {
  test.each(scripts.map((script) => [script.rule, script.name, script] as const))(
    '%s %s',
    async (_, _name, script) => {
      const hub = await startRawHub(ca.caPem, server);
      const agent = new AgentEnd(hub.port, ca.caPem, agentIdentity);
      await agent.start();
      try {
        await playAgentScript(script, agent, hub);
      } finally {
        await agent.stop();
        hub.close();
      }
    },
  );
});

function identityFor(hub: RawHub, change: Partial<AgentIdentity> = {}): AgentIdentity {
  return {
    hubId: scriptHubId as HubId,
    clusterUid: scriptUid as ClusterUid,
    clusterName: 'eu-1' as ClusterName,
    agentsAddress: `localhost:${hub.port}`,
    privateKeyPem: agentIdentity.keyPem,
    certificateChainPem: agentIdentity.certPem,
    caBundlePem: ca.caPem,
    natsSeed: 'seed',
    natsUserJwt: 'old jwt',
    natsUrls: [],
    ...change,
  };
}

describe('the link of an agent', () => {
  test('does not open a stream to a hub of another CA, and says why', async () => {
    const hub = await startRawHub(ca.caPem, server);
    const otherCa = await makeCa();
    const link = hubLinkOf({ identity: () => identityFor(hub, { caBundlePem: otherCa.caPem }) });

    await expect(link.open(never)).rejects.toMatchObject({
      name: 'HubLinkError',
      code: 'UNAVAILABLE',
      message: expect.stringContaining('certificate'),
    });
    hub.close();
    await otherCa.close();
  });

  test('does not open a stream to a hub under another name', async () => {
    const hub = await startRawHub(ca.caPem, server);
    const link = hubLinkOf({ identity: () => identityFor(hub), serverName: 'other.example.org' });

    await expect(link.open(never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    hub.close();
  });

  test('finds the hub behind a bare address by the name in its certificate', async () => {
    const hub = await startRawHub(ca.caPem, server);
    const identity = identityFor(hub, { agentsAddress: `127.0.0.1:${hub.port}` });
    const stream = await hubLinkOf({ identity: () => identity, serverName: 'localhost' }).open(never);

    await hub.accept();
    stream.close();
    hub.close();
  });

  test('stops opening when it is called off', async () => {
    const hub = await startRawHub(ca.caPem, server);
    hub.close();
    const controller = new AbortController();
    const link = hubLinkOf({ identity: () => identityFor(hub, { agentsAddress: '192.0.2.1:7443' }) });
    const opening = link.open(controller.signal);
    controller.abort();

    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('renews: sends the public halves and returns the identity with what the hub gave', async () => {
    const hub = await startRawHub(ca.caPem, server);
    hub.renewal = {
      certificateChain: [Buffer.from('leaf')],
      caBundle: [Buffer.from('root')],
      natsUserJwt: 'new jwt',
      natsUrls: ['tls://bus:4222'],
    };
    const link = hubLinkOf({ identity: () => identityFor(hub) });

    const renewed = await link.renew({ csrDer: Buffer.from('csr'), natsUserKey: 'UKEY' }, never);

    expect(hub.renewals).toEqual([{ csrDer: Buffer.from('csr'), natsUserKey: 'UKEY' }]);
    expect(renewed).toMatchObject({ natsUserJwt: 'new jwt', natsUrls: ['tls://bus:4222'], natsSeed: 'seed' });
    expect(renewed.certificateChainPem).toContain(Buffer.from('leaf').toString('base64'));
    hub.close();
  });

  test('refuses a renewal without a certificate', async () => {
    const hub = await startRawHub(ca.caPem, server);
    const link = hubLinkOf({ identity: () => identityFor(hub) });

    await expect(
      link.renew({ csrDer: Buffer.from('csr'), natsUserKey: 'UKEY' }, never),
    ).rejects.toMatchObject({ code: 'RENEWAL_EMPTY' });
    hub.close();
  });

  test('uses a renewed identity from the next stream on', async () => {
    const hub = await startRawHub(ca.caPem, server);
    let identity = identityFor(hub, { caBundlePem: 'not a bundle' });
    const link = hubLinkOf({ identity: () => identity });
    await expect(link.open(never)).rejects.toThrow();

    identity = identityFor(hub);
    const stream = await link.open(never);

    await hub.accept();
    stream.close();
    hub.close();
  });
});
