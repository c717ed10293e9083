import type { EventId } from '@flotilla/shared/base';
import { formatHostPort, randomUid, startHealthServer } from '@flotilla/shared/kit';
import {
  type ApiServer,
  openAdminToken,
  readWebhookSecret,
  startApiServer,
  startWebhookServer,
  writeCliContext,
} from '../io/http/index.ts';
import { apiChanges, createHubApi } from '../loops/index.ts';
import { hubFacts, readiness } from './facts.ts';
import { type HubMetrics, showCounts } from './metrics.ts';
import type { AgentsServed, Serving } from './parts.ts';

/** Opens API, webhooks and health, and tells the command line where to find them. */
export async function servePeople(serving: Serving, agents: AgentsServed): Promise<string> {
  const { actor, bus, clock, health, loops, options, stack, stopping } = serving;
  const { config } = options;
  const log = options.log.child({ loop: 'api' });
  const token = await openAdminToken(config.dataDir);
  const changes = apiChanges(loops.fleet, stopping.signal);
  bus.onConnection(() => changes.factsChanged());
  const api = createHubApi({
    fleet: loops.fleet,
    decisions: bus.decisions,
    clock,
    actor,
    healthySinceMs: () => health.sinceMs(),
    offlineGraceMs: config.offlineGraceMs,
    // randomUid() makes exactly the text of an event id.
    newEventId: () => randomUid() as EventId,
    enrol: agents.enrol,
    enrolAddress: agents.enrolAddress,
    changes,
    previews: loops.previews,
    facts: hubFacts(factsOf(serving)),
    purgeReports: (uid, aborted) => bus.status.purge(uid, aborted),
  });
  const server = stack.use(
    await startApiServer({ api, listen: config.httpAddress, token: token.token, clock, log }),
  );
  showApi(serving.counted, server);
  const written = await writeCliContext({
    dataDir: config.dataDir,
    address: server.address,
    tokenFile: token.path,
    pointer: options.cliPointer,
  });
  if (!written.ok)
    options.log.warn('the command line must be told where the hub is', { reason: written.error });
  await serveWebhooks(serving);
  stack.use(
    await startHealthServer({
      listen: config.healthAddress,
      live: () => [{ name: 'process', isOk: true, text: 'runs' }],
      ready: () => readiness(serving),
      metrics: serving.metrics,
    }),
  );
  return `http://${formatHostPort(server.address)}`;
}

function factsOf({ bus, clock, identity, loops, options, startedAtMs }: Serving) {
  return { bus, clock, loops, startedAtMs, config: options.config, hubId: identity.hubId };
}

/** Opens the webhook listener when it is configured. */
async function serveWebhooks({ clock, counted, loops, options, stack }: Serving): Promise<void> {
  const { webhookAddress: listen, webhookSecretFile } = options.config;
  if (listen === undefined || webhookSecretFile === undefined) return;
  const secret = await readWebhookSecret(webhookSecretFile);
  const log = options.log.child({ loop: 'webhooks' });
  const server = stack.use(
    await startWebhookServer({ listen, secret, clock, log, onPush: () => loops.wakeControl() }),
  );
  showCounts(counted.webhooks, server.counts, ['taken', 'repeated', 'refused']);
}

function showApi(counted: HubMetrics, server: ApiServer): void {
  showCounts(counted.apiRequests, server.counts, ['given', 'refused', 'failed']);
  counted.eventStreams.compute(() => server.streams.count);
  counted.eventStreamsLagged.compute(() => server.streams.lagged);
}
