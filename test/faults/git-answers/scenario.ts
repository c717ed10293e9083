import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlacementName } from '@flotilla/shared/base';
import type { AgentEngine } from '../../real/agent-engine/index.ts';
import { startApiServer } from '../../real/control-plane/index.ts';
import { startGitServer } from '../../real/git-server/index.ts';
import type { FaultOutcome, FaultRun } from '../main.ts';
import { measureReady, untilReady, untilSaid } from '../reports.ts';
import { judgeDeletes, judgeSettings, judgeUntouched, settingsAfter, settingsBefore } from '../settings.ts';
import { controlAnswers } from './control-answers.ts';
import { assignSettings, makeTrials, requestsOf, type Stage, startLife, type Trial } from './trials.ts';

/**
 * A failing assignment is tried at 0, 5, 15 and 35 s, give or take a fifth: five times a minute at most. Each asks for the
 * advertisement and fetches, at worst once on each of three rungs.
 */
const requestsPerMinuteMax = 5 * 6;

/**
 * S13: the Git server of an assignment answers 401, 403, 500, nothing, an empty advertisement, half of a pack, a login page.
 * The assignment says so in one located error and keeps what it had, also after a restart of the agent; others go on; when
 * the server is good again it goes on by itself. In full, the same for the control repository through a hub.
 */
export async function gitAnswers({ isShort, say }: FaultRun): Promise<FaultOutcome> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-git-answers-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const root = join(folder, 'git');
  await mkdir(root);
  const server = stack.use(await startApiServer());
  const stage = { server, folder, git: stack.use(await startGitServer({ root })) };
  const trials = await makeTrials(root);
  await bringFirst(stage, trials);
  say(`${trials.length} assignments are Ready`);
  const own = await outliveFaults(stage, trials, { badMs: isShort ? 15_000 : 120_000, say });
  const control = isShort ? undefined : await controlAnswers(say);
  return {
    figures: { ...own.figures, control: control?.figures ?? 'only in full' },
    broken: [...own.broken, ...(control?.broken ?? [])],
  };
}

/** The first content comes onto the cluster while all is well. */
async function bringFirst(stage: Stage, trials: readonly Trial[]): Promise<void> {
  await using life = await startLife(stage);
  const { engine } = life;
  for (const trial of trials)
    await assignSettings({ engine, git: stage.git }, trial, { settings: settingsBefore, seq: 1 });
  for (const { placement } of trials) await untilReady(engine, placement, 1);
}

/** Another content is assigned that cannot be had, and then can. */
async function outliveFaults(
  stage: Stage,
  trials: readonly Trial[],
  { badMs, say }: { readonly badMs: number; readonly say: FaultRun['say'] },
): Promise<FaultOutcome> {
  const { git, server } = stage;
  const bad = trials.filter((trial) => trial.fault !== undefined);
  const names = bad.map(({ placement }) => placement);
  const mark = (await server.audit()).length;
  await using life = await startLife(stage);
  const { engine } = life;
  const badSinceMs = performance.now();
  const before = bad.map((trial) => requestsOf(git, trial));
  for (const { name, fault } of bad) git.misbehave(name, ...(fault === undefined ? [] : [fault.fault]));
  for (const trial of trials)
    await assignSettings({ engine, git }, trial, { settings: settingsAfter, seq: 2 });
  const broken = [...(await judgeSaid(engine, git, bad))];
  for (const trial of trials)
    if (trial.fault === undefined) broken.push(...(await judgeGood(stage, engine, trial)));
  say('every fault is said, and who has a good server went on');
  await engine.restart();
  const texts = await watchTexts(engine, names, badMs);
  const minutes = (performance.now() - badSinceMs) / 60_000;
  const requests = bad.map((trial, index) => requestsOf(git, trial) - (before[index] ?? 0));
  const events = (await server.audit()).slice(mark);
  broken.push(...judgeTexts(texts), ...names.flatMap((name) => judgeUntouched(events, name)));
  for (const { placement } of trials) broken.push(...judgeDeletes(events, placement, []));
  broken.push(...judgeRequests(bad, requests, minutes));
  for (const name of names) broken.push(...(await judgeSettings(server.admin, name, settingsBefore)));
  for (const { name } of bad) git.misbehave(name);
  say('the servers are good again');
  const ready = await measureReady(
    engine,
    trials.map(({ placement }) => placement),
  );
  broken.push(...ready.broken);
  const all = (await server.audit()).slice(mark);
  for (const { placement } of trials)
    broken.push(
      ...(await judgeSettings(server.admin, placement, settingsAfter)),
      ...judgeDeletes(all, placement, ['gone']),
    );
  const figures = {
    faults: bad.map(({ name }) => name),
    badSeconds: Math.round(minutes * 60),
    requests: Math.max(...requests),
    requestsPerMinuteMax,
    readyAgainMs: ready.tookMs,
  };
  return { figures, broken };
}

/** What failed, where, and what to do; not Ready, and not without what is there. */
async function judgeSaid(
  engine: AgentEngine,
  git: Stage['git'],
  bad: readonly Trial[],
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { placement, fault, name } of bad) {
    const words = [git.urlOf(name), ...(fault?.says ?? [])];
    broken.push(...(await untilSaid(engine, { placement, seq: 2 }, { reason: 'FetchFailed', words })));
    const { state, appliedCommit } = engine.report(placement) ?? {};
    if (state === 'Ready') broken.push(`${placement} is called Ready without its content`);
    if (appliedCommit === undefined) broken.push(`${placement} does not say what it still has`);
  }
  return broken;
}

/**
 * Who has a good server has all of its content; what is to go from it stays, because nobody knows whether one of the others
 * wants it now, and it says for whom.
 */
async function judgeGood(
  { server }: Stage,
  engine: AgentEngine,
  { placement }: Trial,
): Promise<readonly string[]> {
  const says = { reason: 'WaitingForRender', words: ['git-', 'FetchFailed'] };
  return [
    ...(await untilSaid(engine, { placement, seq: 2 }, says)),
    ...(await judgeSettings(server.admin, placement, { ...settingsBefore, ...settingsAfter })),
  ];
}

/** Everything that is said of assignments in a while. */
async function watchTexts(
  engine: AgentEngine,
  placements: readonly PlacementName[],
  forMs: number,
): Promise<ReadonlyMap<PlacementName, ReadonlySet<string>>> {
  const seen = new Map(placements.map((placement) => [placement, new Set<string>()]));
  const startedMs = performance.now();
  while (performance.now() - startedMs < forMs) {
    for (const [placement, texts] of seen) {
      const { reason, text } = engine.report(placement) ?? {};
      if (reason === 'FetchFailed') texts.add(`${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return seen;
}

/** One fault is one message, however often it is tried. */
function judgeTexts(texts: ReadonlyMap<PlacementName, ReadonlySet<string>>): readonly string[] {
  return [...texts]
    .filter(([, said]) => said.size !== 1)
    .map(([placement, said]) => `${placement} says ${said.size} things: ${[...said].join(' | ')}`);
}

function judgeRequests(
  bad: readonly Trial[],
  requests: readonly number[],
  minutes: number,
): readonly string[] {
  const allowed = Math.ceil(Math.max(1, minutes) * requestsPerMinuteMax);
  return requests.flatMap((count, index) =>
    count <= allowed
      ? []
      : [`${bad[index]?.name}: ${count} requests, more than ${allowed} in ${minutes.toFixed(1)} minutes`],
  );
}
