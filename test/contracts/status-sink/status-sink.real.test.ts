import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStatusSink } from '@flotilla/agent/io/status-sink';
import type { AgentIdentity, StatusSink } from '@flotilla/agent/ports';
import { createNatsKeys, mintNatsAccounts, natsServerConfig } from '@flotilla/hub/identity';
import { openStatusStream } from '@flotilla/hub/io/status-stream';
import type { StatusStream } from '@flotilla/hub/ports';
import { type ClusterUid, seededRandom } from '@flotilla/shared/base';
import { reportOfPayload } from '@flotilla/shared/codec';
import { createNkey, gzip, type NkeyPair, silentLogger, systemClock } from '@flotilla/shared/kit';
import { afterEach, expect, test } from 'vitest';
import { connectTestBus, startNatsServer, writeTestCertificates } from '../../real/nats-server/index.ts';
import { never } from '../never.ts';
import { uid } from '../status-stream/suite.ts';
import { connection, reportNumber, statusSinkContract } from './suite.ts';

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

/** A TLS server with the fleet's accounts, the hub's stream on it, and identities for agents. */
async function makeWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-sink-'));
  closing.push(() => rm(folder, { recursive: true }));
  const certificates = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const accounts = mintNatsAccounts(createNatsKeys(), Date.now());
  const { certificateFile, keyFile, caPem } = certificates;
  const settings = { serverName: 'x', host: 'x', port: 0, storeDir: 'x', certificateFile, keyFile };
  const config = natsServerConfig(accounts, { ...settings, pidFile: undefined, portsDir: undefined });
  const tls = config.slice(config.indexOf('tls {'), config.indexOf('jetstream {'));
  const server = await startNatsServer({ config: tls + config.slice(config.indexOf('operator:')) });
  closing.push(() => Promise.resolve(server[Symbol.asyncDispose]()));
  const credentials = accounts.fleetUser('hub');
  const bus = await connectTestBus(server, {
    caPem: () => caPem,
    credentials: () => ({ kind: 'jwt', ...credentials }),
  });
  closing.push(() => Promise.resolve(bus[Symbol.asyncDispose]()));
  const ports = { bus, clock: systemClock(), random: seededRandom(1), log: silentLogger };
  const stream = await openStatusStream({ ...ports, replicas: 1 }, never);

  function identityOf(clusterUid: ClusterUid, key: NkeyPair, expiresInMs = 3_600_000): AgentIdentity {
    const nowMs = Date.now();
    const life = { issuedAtMs: nowMs - 60_000, expiresAtMs: nowMs + expiresInMs };
    const identity = {
      clusterUid,
      natsSeed: key.seed,
      natsUserJwt: accounts.agentUserJwt(clusterUid, key.publicKey, life),
      natsUrls: [server.url],
      caBundlePem: caPem,
    };
    // The rest of an identity is of no concern to the bus.
    return identity as Partial<AgentIdentity> as AgentIdentity;
  }
  return { server, stream, identityOf };
}

function open(identity: () => AgentIdentity): StatusSink {
  const backoff = { baseMs: 10, capMs: 100 };
  const sink = openStatusSink({ identity, random: seededRandom(2), log: silentLogger, backoff });
  closing.push(() => sink.close());
  return sink;
}

async function newestReports(stream: StatusStream): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const one of stream.follow(never)) {
    if ('kind' in one) break;
    const report = reportOfPayload(one.payload, gzip);
    seen.push(`${one.uid.slice(-1)} ${report.ok ? report.value.seq : report.error.text}`);
  }
  return seen;
}

/** A report that the bus has taken is stored a moment later. */
function newest(stream: StatusStream, expected: readonly string[]): PromiseLike<void> {
  return expect.poll(() => newestReports(stream), { timeout: 15_000, interval: 5 }).toEqual(expected);
}

statusSinkContract(async () => {
  const { server, stream, identityOf } = await makeWorld();
  const identity = identityOf(uid(0), createNkey('user'));
  return {
    open: () => open(() => identity),
    async newest() {
      const line = (await newestReports(stream))[0];
      return line === undefined ? undefined : Number(line.split(' ')[1]);
    },
    takeAway: () => server.kill(),
    bringBack: () => server.start(),
    // Everything of a world is closed after its test.
    [Symbol.asyncDispose]: async () => {},
  };
});

test('a user that expires is replaced by the renewed one without a restart', async () => {
  const { stream, identityOf } = await makeWorld();
  const key = createNkey('user');
  let identity = identityOf(uid(0), key, 2_000);
  const sink = open(() => identity);
  await connection(sink, true);
  await sink.publish(reportNumber(1), never);
  await connection(sink, false);
  identity = identityOf(uid(0), createNkey('user'));
  await connection(sink, true);
  await sink.publish(reportNumber(2), never);
  await newest(stream, ['b 2']);
});

test('an agent cannot publish for another cluster', async () => {
  const { stream, identityOf } = await makeWorld();
  const key = createNkey('user');
  const own = identityOf(uid(0), key);
  const honest = open(() => own);
  const hostile = open(() => ({ ...own, clusterUid: uid(1) }));
  await connection(honest, true);
  await connection(hostile, true);
  await expect(hostile.publish(reportNumber(9), never)).rejects.toMatchObject({ code: 'BUS_REFUSED' });
  await honest.publish(reportNumber(1), never);
  await newest(stream, ['b 1']);
});

test("another root than the fleet's is not trusted", async () => {
  const { identityOf } = await makeWorld();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-sink-'));
  closing.push(() => rm(folder, { recursive: true }));
  const { caPem } = await writeTestCertificates(folder, ['IP:127.0.0.1']);
  const key = createNkey('user');
  const complaints: unknown[] = [];
  const log = {
    ...silentLogger,
    warn: (_message: string, fields?: { readonly error?: unknown }) => complaints.push(fields?.error),
  };
  const identity = { ...identityOf(uid(0), key), caBundlePem: caPem };
  const sink = openStatusSink({
    identity: () => identity,
    random: seededRandom(2),
    log,
    backoff: { baseMs: 1, capMs: 10 },
  });
  closing.push(() => sink.close());
  await expect.poll(() => complaints.length, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(sink.isConnected).toBe(false);
  expect(complaints[0]).toMatchObject({ code: expect.stringMatching(/UNABLE_TO_VERIFY|SELF_SIGNED|ISSUER/) });
});
