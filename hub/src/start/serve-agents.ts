import type { ClusterUid } from '@flotilla/shared/base';
import { statusPayloadOf } from '@flotilla/shared/codec';
import { formatHostPort, gzip, programVersion, randomUid } from '@flotilla/shared/kit';
import {
  type AssignmentListener,
  startAssignmentListener,
  startEnrolmentListener,
} from '../io/grpc/index.ts';
import {
  cleanUp,
  createEnrolHandler,
  createRenewHandler,
  type EnrolDeps,
  type EpochKeeper,
  fleetWorld,
  SignedRows,
  startSessions,
} from '../loops/index.ts';
import { keepEpoch } from './keep-epoch.ts';
import { countAnswers } from './metrics.ts';
import { type AgentsServed, processNameOf, type Serving } from './parts.ts';

const drainMs = 3_000;

/** Opens the two listeners for agents and serves their streams. */
export async function serveAgents(serving: Serving): Promise<AgentsServed> {
  const { bus, clock, identity, options, random, stack, stopping } = serving;
  const { config } = options;
  const log = options.log.child({ loop: 'sessions' });
  const host = config.advertiseHosts[0] ?? 'localhost';
  let agentsPort = config.agentsAddress.port;
  const enrol: EnrolDeps = {
    hubId: identity.hubId,
    tokens: bus.tokens,
    clusters: bus.clusters,
    signer: identity.signer,
    clock,
    log: options.log.child({ loop: 'enrol' }),
    // randomUid() makes exactly the text of a cluster uid.
    newUid: () => randomUid() as ClusterUid,
    whereabouts: () => ({
      agentsAddress: formatHostPort({ host, port: agentsPort }),
      natsUrls: bus.agentUrls,
    }),
    onAlarm: (alarm) =>
      options.log.warn('alarm', {
        code: 'TOKEN_USED_AGAIN',
        cluster: alarm.clusterName,
        address: alarm.remoteAddress,
      }),
  };
  const cleaning = cleanUp(
    { ...enrol, random, log: options.log.child({ loop: 'cleanup' }) },
    stopping.signal,
  );
  stack.defer(() => cleaning);
  const listener = await startAssignmentListener({
    host: config.agentsAddress.host,
    port: config.agentsAddress.port,
    tls: identity.tlsServer(),
    readPeer: (certificateDer) => identity.readPeer(certificateDer),
    judgePeer: (peer) => serving.peers.judge(peer),
    renew: countAnswers(serving.counted.renewals, createRenewHandler(enrol)),
    log,
  });
  agentsPort = listener.port;
  serveStreams(serving, listener);
  const enrolment = await startEnrolmentListener({
    host: config.enrolAddress.host,
    port: config.enrolAddress.port,
    tls: identity.tlsServer(),
    enrol: countAnswers(serving.counted.enrolments, createEnrolHandler(enrol)),
    log: options.log.child({ loop: 'enrol' }),
  });
  stack.defer(() => enrolment.close(drainMs));
  return { enrol, enrolAddress: formatHostPort({ host, port: enrolment.port }) };
}

/** Serves the assignment streams of the listener, and keeps the epoch above what their agents hold. */
function serveStreams(serving: Serving, listener: AssignmentListener): void {
  const { bus, clock, health, identity, loops, metrics, options, random, stack, stopping } = serving;
  const { config } = options;
  const { fleet } = loops;
  const log = options.log.child({ loop: 'sessions' });
  const epoch: { keeper?: EpochKeeper } = {};
  const world = fleetWorld({
    fleet,
    rows: new SignedRows(fleet, identity.signer, () => undefined),
    decisions: bus.decisions,
    status: bus.status,
    signer: identity.signer,
    hubId: identity.hubId,
    hubVersion: programVersion,
    encodeReport: (report) => statusPayloadOf(report, gzip),
    onLogLost: (loss) => epoch.keeper?.lost(loss),
    onClaims: () => epoch.keeper?.look(),
    onImpaired: (isImpaired) => health.set('presence', !isImpaired),
    wallMs: () => clock.wallMs(),
    log,
  });
  const gossip = { line: bus.gossip, process: processNameOf(serving.actor) };
  const { startGraceMs } = config;
  const sessions = startSessions(
    { listener, world, gossip, startGraceMs, clock, random, log, metrics },
    stopping.signal,
  );
  const keeper = keepEpoch(serving, sessions);
  epoch.keeper = keeper;
  stack.defer(() => keeper.ended);
  stack.defer(async () => {
    stopping.abort(new DOMException('the hub is stopping', 'AbortError'));
    await sessions.ended;
    await listener.close(drainMs);
  });
}
