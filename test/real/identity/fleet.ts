import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createEnrolHandler,
  createRenewHandler,
  type EnrolDeps,
  type EnrolHandler,
  type HubIdentity,
  issueToken,
  openIdentity,
  startAssignmentListener,
  startEnrolmentListener,
  type TokenAlarm,
  type TokenRequest,
} from '@flotilla/hub/identity';
import type { AgentListener } from '@flotilla/hub/ports';
import type { Clock } from '@flotilla/shared/base';
import { silentLogger, systemClock } from '@flotilla/shared/kit';
import { type MemoryBucket, memoryBucket } from '../../fakes/bucket.ts';
import { newUid } from './bus.ts';

/** A hub as far as identity goes, on real sockets: its CA, both listeners, and its records in memory. */
export interface TestFleet extends AsyncDisposable {
  readonly identity: HubIdentity;
  readonly tokens: MemoryBucket;
  readonly clusters: MemoryBucket;
  readonly deps: EnrolDeps;
  readonly alarms: readonly TokenAlarm[];
  readonly enrolPort: number;
  readonly agentsPort: number;
  /** Streams that agents opened, newest last. */
  readonly streams: readonly { readonly peer: string }[];
  /** A join line for that address of the enrolment listener. */
  joinLine(request?: Partial<TokenRequest>, address?: string): Promise<string>;
}

/** What a test may change. */
export interface TestFleetOptions {
  readonly clock?: Clock;
  readonly agentCertificateMs?: number;
  readonly natsUserMs?: number;
  readonly natsUrls?: readonly string[];
  /** Stands between listener and handler. */
  readonly around?: (enrol: EnrolHandler) => EnrolHandler;
  /** Opened already, with a bus of its own; it is not removed then. */
  readonly identity?: HubIdentity;
  /** Takes the streams instead of the list; resolves when they have ended. */
  readonly serve?: (streams: AgentListener['streams']) => Promise<void>;
}

const never = new AbortController().signal;

/** Starts it in a folder of its own; disposing closes the listeners and removes the folder. */
export async function startTestFleet(options: TestFleetOptions = {}): Promise<TestFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-fleet-'));
  const clock = options.clock ?? systemClock();
  const { agentCertificateMs, natsUserMs } = options;
  const lives = {
    ...(agentCertificateMs === undefined ? {} : { agentCertificateMs }),
    ...(natsUserMs === undefined ? {} : { natsUserMs }),
  };
  const identity =
    options.identity ??
    (await openIdentity({ dataDir: folder, trustDomain: 'flotilla', serverNames: [], clock, lives }));
  const tokens = memoryBucket();
  const clusters = memoryBucket();
  const alarms: TokenAlarm[] = [];
  const streams: { readonly peer: string }[] = [];
  let agentsPort = 0;
  const deps: EnrolDeps = {
    hubId: identity.hubId,
    tokens,
    clusters,
    signer: identity.signer,
    clock,
    log: silentLogger,
    newUid,
    whereabouts: () => ({
      agentsAddress: `localhost:${agentsPort}`,
      natsUrls: options.natsUrls ?? ['tls://localhost:4222'],
    }),
    onAlarm: (alarm) => alarms.push(alarm),
  };
  const common = { host: '127.0.0.1', port: 0, tls: identity.tlsServer(), log: silentLogger };
  const agents = await startAssignmentListener({
    ...common,
    readPeer: (der) => identity.readPeer(der),
    renew: createRenewHandler(deps),
  });
  agentsPort = agents.port;
  const take = async () => {
    for await (const stream of agents.streams) streams.push(stream);
  };
  const taking = options.serve?.(agents.streams) ?? take();
  const handler = createEnrolHandler(deps);
  const enrolment = await startEnrolmentListener({ ...common, enrol: options.around?.(handler) ?? handler });
  return {
    identity,
    tokens,
    clusters,
    deps,
    alarms,
    streams,
    enrolPort: enrolment.port,
    agentsPort,
    async joinLine(request = {}, address = `localhost:${enrolment.port}`) {
      const issued = await issueToken(
        deps,
        {
          clusterName: undefined,
          isRejoin: false,
          labels: {},
          lifeMs: 3_600_000,
          createdBy: 'admin',
          reason: '',
          ...request,
        },
        never,
      );
      if (!issued.ok) throw new Error(issued.error.text);
      return `${address}/${issued.value.token}`;
    },
    async [Symbol.asyncDispose]() {
      await enrolment.close(0);
      await agents.close(0);
      await taking;
      await rm(folder, { recursive: true });
    },
  };
}
