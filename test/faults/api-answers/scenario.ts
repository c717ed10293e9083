import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderStore } from '@flotilla/agent/io/state-store';
import type { PlacementName } from '@flotilla/shared/base';
import { type AgentEngine, startAgentEngine } from '../../real/agent-engine/index.ts';
import { type ApiServer, startApiServer } from '../../real/control-plane/index.ts';
import { waitFor } from '../../real/waiting.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';
import { measureReady, untilReady, untilSaid } from '../reports.ts';
import {
  judgeDeletes,
  judgeSettings,
  type Settings,
  settingsAfter,
  settingsBefore,
  settingsFiles,
} from '../settings.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { judgeRate, perCollectionMax, perObjectMax } from './request-rate.ts';
import { requestMs, retryAfterS, type Trial, trials } from './trials.ts';

const userAgent = 'flotilla-api-answers';
const folderOfSet = 'app';
/** Its server always answers it: it has to go on while the others cannot. */
const good = 'api-good' as PlacementName;

interface Stage {
  readonly server: ApiServer;
  readonly proxy: FaultyProxy;
  readonly engine: AgentEngine;
  readonly say: FaultRun['say'];
  /** How long each kind of fault lasts. */
  readonly badMs: number;
}

/**
 * S18: between agent and API server requests are throttled, fail, are answered too late; a policy denies one object, a
 * webhook is not there; watches are cut; the server hangs up, and then nothing listens. What cannot be done says why, the
 * rest goes on, nothing is deleted, and when it is over all become Ready within the longest backoff; at no time is anything
 * asked for in a hot loop.
 */
export async function apiAnswers({ isShort, say }: FaultRun): Promise<FaultOutcome> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-api-answers-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = stack.use(await startApiServer());
  const proxy = stack.use(await startFaultyProxy(server.adminCredential));
  const credential = { ...server.adminCredential, serverUrl: proxy.url };
  const store = await openFolderStore(join(folder, 'records'));
  const engine = stack.use(await startAgentEngine({ credential, store, userAgent, requestMs }));
  const stage = { server, proxy, engine, say, badMs: isShort ? 12_000 : 120_000 };
  for (const placement of allPlacements)
    await assign(engine, { placement, seq: 1, settings: settingsBefore });
  for (const placement of allPlacements) await untilReady(engine, placement, 1);
  say(`${allPlacements.length} assignments are Ready`);

  const answers = await badAnswers(stage);
  const watches = await withoutWatches(stage);
  const away = await serverAway(stage);
  const { broken: rateBroken, ...rate } = judgeRate(proxy.seen, retryAfterS * 1_000);
  const broken = [...answers.broken, ...watches.broken, ...away.broken, ...rateBroken];
  const readyAgainMs = { answers: answers.tookMs, watches: watches.tookMs, away: away.tookMs };
  const bounds = { perObjectMax, perCollectionMax };
  return { figures: { requests: proxy.seen.length, ...rate, ...bounds, readyAgainMs }, broken };
}

const allPlacements: readonly PlacementName[] = [...trials.map((one) => one.placement), good];

interface Part {
  readonly tookMs: number;
  readonly broken: readonly string[];
}

async function assign(
  engine: AgentEngine,
  row: { readonly placement: PlacementName; readonly seq: number; readonly settings: Settings },
): Promise<void> {
  const { placement, seq, settings } = row;
  const files = settingsFiles(settings, folderOfSet);
  await engine.assign({ placement, seq, files, path: folderOfSet, namespace: placement });
}

/** Each assignment has an API server that misbehaves in another way, just when it has something to do. */
async function badAnswers(stage: Stage): Promise<Part> {
  const { badMs, engine, proxy, say, server } = stage;
  const mark = (await server.audit()).length;
  const parts = { admin: server.admin, proxy };
  for (const trial of trials) await trial.bring(parts);
  say('the API server misbehaves');
  for (const placement of allPlacements) await assign(engine, { placement, seq: 2, settings: settingsAfter });
  const broken: string[] = [];
  for (const { placement, says } of trials)
    broken.push(...(await untilSaid(engine, { placement, seq: 2 }, says)));
  await untilReady(engine, good, 2);
  say('every fault is said, and who is answered well went on');
  await wait(badMs);
  for (const trial of trials) broken.push(...(await judgeMeanwhile(stage, trial, mark)));
  for (const trial of trials) await trial.mend(parts);
  say('the API server is good again');
  const ready = await measureReady(engine, allPlacements);
  const events = (await server.audit()).slice(mark);
  for (const placement of allPlacements)
    broken.push(
      ...(await judgeSettings(server.admin, placement, settingsAfter)),
      ...judgeDeletes(events, placement, ['gone']),
    );
  return { tookMs: ready.tookMs, broken: [...broken, ...ready.broken] };
}

/** Nothing is deleted before everything else of the content is there, and what is refused is never called Ready. */
async function judgeMeanwhile(
  { engine, server }: Stage,
  { placement, liveMeanwhile }: Trial,
  mark: number,
): Promise<readonly string[]> {
  const report = engine.report(placement);
  return [
    ...judgeDeletes((await server.audit()).slice(mark), placement, []),
    ...(liveMeanwhile === undefined ? [] : await judgeSettings(server.admin, placement, liveMeanwhile)),
    ...(report?.state === 'Ready' ? [`${placement} is called Ready while it is refused`] : []),
  ];
}

/** Watches end and cannot be opened: what is assigned is applied all the same, and drift is found afterwards. */
async function withoutWatches(stage: Stage): Promise<Part> {
  const { badMs, engine, proxy, say, server } = stage;
  const mark = (await server.audit()).length;
  await proxy.become('without-watches');
  await assign(engine, { placement: good, seq: 3, settings: settingsBefore });
  const [drifted = good] = allPlacements;
  await server.admin.json(
    'PATCH',
    `/api/v1/namespaces/${drifted}/configmaps/kept?fieldManager=kubectl-edit`,
    { data: { value: 'by hand' } },
    { 'content-type': 'application/merge-patch+json' },
  );
  const isApplied = async () => (await judgeSettings(server.admin, good, settingsBefore)).length === 0;
  const broken: string[] = [];
  await waitFor('applied without watches', isApplied, { withinMs: 60_000 }).catch((error: Error) =>
    broken.push(`${error.message}: ${JSON.stringify(engine.report(good))}`),
  );
  await wait(badMs);
  const events = (await server.audit()).slice(mark);
  for (const placement of allPlacements)
    broken.push(...judgeDeletes(events, placement, placement === good ? ['new'] : []));
  await proxy.become('open');
  say('watches are good again');
  const corrected = await measureCorrected(server, drifted);
  const ready = await measureReady(engine, allPlacements);
  await untilReady(engine, good, 3);
  return {
    tookMs: Math.max(corrected.tookMs, ready.tookMs),
    broken: [...broken, ...corrected.broken, ...ready.broken],
  };
}

async function measureCorrected(server: ApiServer, placement: PlacementName): Promise<Part> {
  const startedMs = performance.now();
  const look = async () => (await judgeSettings(server.admin, placement, settingsAfter)).length === 0;
  const limits = { withinMs: 120_000, everyMs: 50 };
  const isCorrected = await waitFor('drift corrected', look, limits).catch(() => false);
  const tookMs = Math.round(performance.now() - startedMs);
  return {
    tookMs,
    broken: isCorrected ? [] : [`drift in ${placement} was not corrected after the watches came`],
  };
}

/** The server hangs up on everything, then nothing listens at its address. */
async function serverAway(stage: Stage): Promise<Part> {
  const { badMs, engine, proxy, say, server } = stage;
  const mark = (await server.audit()).length;
  await proxy.become('hung-up');
  await assign(engine, { placement: good, seq: 4, settings: settingsAfter });
  const unreachable = { reason: 'ApiUnreachable', words: ['no answer from the API server'] };
  const broken = [...(await untilSaid(engine, { placement: good, seq: 4 }, unreachable))];
  await wait(badMs / 2);
  await proxy.become('refused');
  say('nothing listens');
  await wait(badMs / 2);
  const events = (await server.audit()).slice(mark);
  for (const placement of allPlacements) broken.push(...judgeDeletes(events, placement, []));
  await proxy.become('open');
  say('the API server is back');
  const ready = await measureReady(engine, allPlacements);
  await untilReady(engine, good, 4);
  const after = (await server.audit()).slice(mark);
  for (const placement of allPlacements)
    broken.push(
      ...(await judgeSettings(server.admin, placement, settingsAfter)),
      ...judgeDeletes(after, placement, placement === good ? ['gone'] : []),
    );
  return { tookMs: ready.tookMs, broken: [...broken, ...ready.broken] };
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
