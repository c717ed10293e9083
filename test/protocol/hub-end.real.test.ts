import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHubEnd } from './ends/hub-end.ts';
import { playHubScript } from './ends/play-hub-script.ts';
import { askRenewal, dialHub, type HubAddress } from './raw/agent-peer.ts';
import { type Identity, makeCa, type TestCa } from './raw/certificates.ts';
import { scriptUid } from './raw/rows.ts';
import { hello } from './scripts/frames.ts';
import { hubDeltaScripts } from './scripts/hub-deltas.ts';
import { hubFencingScripts } from './scripts/hub-fencing.ts';
import { hubGreetingScripts } from './scripts/hub-greeting.ts';
import { hubLivingScripts } from './scripts/hub-living.ts';

let ca: TestCa;
let server: Identity;
let agent: Identity;

beforeAll(async () => {
  ca = await makeCa();
  server = await ca.server();
  agent = await ca.client(`URI:spiffe://fleet.test/cluster/${scriptUid}`);
});
afterAll(() => ca.close());

function addressOf(port: number, identity = agent): HubAddress {
  return { port, caPem: ca.caPem, identity };
}

const scripts = [...hubGreetingScripts, ...hubDeltaScripts, ...hubFencingScripts, ...hubLivingScripts];

describe('a hub, by scripts written from PROTOCOL.md alone', () => {
  test.each(scripts.map((script) => [script.rule, script.name, script] as const))(
    '%s %s',
    async (_, _name, script) => {
      const { start, streamsPerSecond } = script;
      const hub = await startHubEnd(ca, server, { start, streamsPerSecond });
      try {
        await playHubScript(script, hub, addressOf(hub.port));
      } finally {
        await hub.close();
      }
    },
  );
});

describe('1.1 a hub takes a cluster from its certificate alone', () => {
  test.each([
    ['another trust domain', `URI:spiffe://other.test/cluster/${scriptUid}`],
    ['a prefix of another path', `URI:spiffe://fleet.test/cluster/${scriptUid}/more`],
    ['a second name', `URI:spiffe://fleet.test/cluster/${scriptUid},DNS:hub.example.org`],
    ['no URI', `DNS:${scriptUid}`],
  ])('and refuses one with %s', async (_, names) => {
    const hub = await startHubEnd(ca, server);
    const stranger = dialHub(addressOf(hub.port, await ca.client(names)));

    expect(await stranger.next()).toEqual({ kind: 'end', status: 'UNAUTHENTICATED' });
    await hub.close();
  });

  test('and refuses one of another CA already in TLS', async () => {
    const hub = await startHubEnd(ca, server);
    const otherCa = await makeCa();
    const stranger = await otherCa.client(`URI:spiffe://fleet.test/cluster/${scriptUid}`);

    expect(await dialHub(addressOf(hub.port, stranger)).next()).toEqual({
      kind: 'end',
      status: 'UNAVAILABLE',
    });
    await hub.close();
    await otherCa.close();
  });
});

test('1.1 a peer whose key was replaced is turned away though its certificate is valid', async () => {
  const hub = await startHubEnd(ca, server, { judgePeer: () => 'the key of this cluster was replaced' });
  const peer = dialHub(addressOf(hub.port));

  expect(await peer.next()).toMatchObject({
    kind: 'frame',
    frame: { frame: { $case: 'refused', value: { text: 'the key of this cluster was replaced' } } },
  });
  expect(await peer.next()).toEqual({ kind: 'end', status: 'PERMISSION_DENIED' });
  expect(hub.sessions.size).toBe(0);
  await hub.close();
});

describe('9 renewal', () => {
  test('takes the cluster from the presented certificate and answers with the new identity', async () => {
    const hub = await startHubEnd(ca, server);

    const outcome = await askRenewal(addressOf(hub.port), {
      csrDer: Buffer.from('csr'),
      natsUserKey: 'UKEY',
    });

    expect(outcome).toEqual({
      kind: 'renewed',
      response: {
        certificateChain: [Buffer.from('leaf'), Buffer.from('ca')],
        caBundle: [Buffer.from('root')],
        natsUserJwt: `jwt of ${scriptUid} for UKEY`,
        natsUrls: ['tls://bus:4222'],
      },
    });
    await hub.close();
  });

  test('that is refused says why, with a code and a delay in the trailers', async () => {
    const hub = await startHubEnd(ca, server);

    const outcome = await askRenewal(addressOf(hub.port), {
      csrDer: Buffer.from('csr'),
      natsUserKey: 'refuse',
    });

    expect(outcome).toMatchObject({ kind: 'refused', status: 'PERMISSION_DENIED' });
    if (outcome.kind === 'refused') {
      expect(outcome.trailers.get('flotilla-code')).toEqual(['KEY_REVOKED']);
      expect(outcome.trailers.get('flotilla-retry-after-ms')).toEqual(['7000']);
    }
    await hub.close();
  });
});

test('a listener answers with new certificates after they were set, and open streams live on', async () => {
  const hub = await startHubEnd(ca, server);
  const before = dialHub(addressOf(hub.port));
  const otherCa = await makeCa();
  hub.setTls({ ...(await otherCa.server()), caPem: ca.caPem });

  const stranger = dialHub(addressOf(hub.port));
  expect(await stranger.next()).toEqual({ kind: 'end', status: 'UNAVAILABLE' });
  const trusting = dialHub({ port: hub.port, caPem: otherCa.caPem, identity: agent });
  trusting.send(hello());
  expect(await trusting.next()).toMatchObject({ kind: 'frame', frame: { frame: { $case: 'welcome' } } });
  before.send(hello([], { session: 2n }));
  expect(await before.next()).toMatchObject({ kind: 'frame', frame: { frame: { $case: 'welcome' } } });
  before.close();
  trusting.close();
  await hub.close();
  await otherCa.close();
});
