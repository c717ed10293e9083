/** `npm run demo`: a running fleet on one machine. Reading order: arguments, demo-fleet, clusters/, acts, acts-steer, smoke, screen. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ActOutcome, actBreak, actCutHub, actDrift, actFix, actOffline, actUndo } from './acts.ts';
import { actApprove, actWindow } from './acts-steer.ts';
import { type DemoOptions, parseDemoArguments, usage } from './arguments.ts';
import { demoClusters } from './cluster-list.ts';
import { callAct, serveActs } from './control.ts';
import { DemoFleet } from './demo-fleet.ts';
import { drawScene, nextCommands, type Scene } from './screen.ts';
import { runSmoke } from './smoke.ts';

const startedMs = performance.now();
const request = parseDemoArguments(process.argv.slice(2));
process.exitCode = await dispatch();

async function dispatch(): Promise<number> {
  switch (request.kind) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'mistake':
      process.stderr.write(`demo: ${request.text}\n\n${usage}`);
      return 2;
    case 'act':
      return await callAct(request.act, request.words);
    case 'run':
      return await run(request.options);
  }
}

async function run(options: DemoOptions): Promise<number> {
  const say = (line: string) =>
    process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  say('starting hub, bus and Git server');
  const folder = await demoFolder(options);
  let code = 1;
  try {
    const [isReal, clusters] = [options.real > 0, demoClusters(options.real || options.clusters)];
    await using fleet = await DemoFleet.start({ folder, clusters, isReal, say });
    code = options.isSmoke
      ? await Promise.race([smoke(fleet, options, say), interrupted(stopping.signal)])
      : await show(fleet, options, stopping);
    say('cleaning up');
  } catch (error) {
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    say(
      `logs were in ${join(folder, 'logs')}${options.keep === undefined ? '; run with --keep DIR to look at them' : ''}`,
    );
  }
  if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  return code;
}

async function smoke(fleet: DemoFleet, options: DemoOptions, say: (line: string) => void): Promise<number> {
  await fleet.joined;
  const result = await runSmoke(fleet, startedMs, say);
  if (options.isJson) process.stdout.write(`${JSON.stringify(result)}\n`);
  say(result.ok ? 'all as it should be' : `not as it should be: ${result.reason}`);
  return result.ok ? 0 : 1;
}

/** Rejects when somebody ends the demo from outside. */
function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new Error('interrupted'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** Draws the table until somebody ends it, and serves acts meanwhile. */
async function show(fleet: DemoFleet, options: DemoOptions, stopping: AbortController): Promise<number> {
  const commands = nextCommands({
    apiUrl: fleet.hub.url,
    dataDir: fleet.hubDataDir,
    offline: fleet.offlineDefault,
    keep: options.keep,
  });
  // Joining is part of the show; what fails in it ends the show.
  let failure: unknown;
  fleet.joined.catch((error: unknown) => {
    failure = error;
    stopping.abort();
  });
  const isTerminal = process.stdout.isTTY === true;
  const acts = await serveActs(fleet.folder, async (act, words, tell) => {
    if (act === 'stop') return stopping.abort();
    if (act === 'status') return tell(await table(fleet, false));
    const outcome = await perform(fleet, { act, words }, tell);
    tell(outcome.text);
  });
  process.stdout.write(commands);
  let last = '';
  while (!stopping.signal.aborted) {
    const text = await table(fleet, isTerminal && process.env['NO_COLOR'] === undefined);
    if (text !== last) process.stdout.write(isTerminal ? `\u001b[H\u001b[J${text}${commands}` : `${text}\n`);
    last = text;
    await pause(500, stopping.signal);
  }
  await acts.close();
  if (failure !== undefined) throw failure;
  return 0;
}

async function perform(
  fleet: DemoFleet,
  { act, words }: { readonly act: string; readonly words: readonly string[] },
  tell: (line: string) => void,
): Promise<ActOutcome> {
  if (act === 'break') return await actBreak(fleet, tell);
  if (act === 'undo') return await actUndo(fleet, tell);
  if (act === 'fix') return await actFix(fleet, tell);
  if (act === 'approve') return await actApprove(fleet, tell);
  if (act === 'window') return await actWindow(fleet, tell);
  if (act === 'drift') return await actDrift(fleet, tell);
  if (act === 'cut-hub') return await actCutHub(fleet, tell);
  return await actOffline(fleet, words[0] ?? fleet.offlineDefault, tell);
}

async function table(fleet: DemoFleet, withColour: boolean): Promise<string> {
  return drawScene(await readScene(fleet), { isSimulated: fleet.members.isSimulated, withColour });
}

async function readScene(fleet: DemoFleet): Promise<Scene | undefined> {
  try {
    const [clusters, placements, assignments, status] = await Promise.all([
      fleet.hub.list('clusters'),
      fleet.hub.list('placements'),
      fleet.hub.list('assignments'),
      fleet.hub.status(),
    ]);
    return { clusters, placements, assignments, commit: status.status.control.commit?.id ?? '' };
  } catch {
    return undefined;
  }
}

async function demoFolder(options: DemoOptions): Promise<string> {
  if (options.keep === undefined) return await mkdtemp(join(tmpdir(), 'flotilla-demo-'));
  const folder = resolve(options.keep);
  await mkdir(folder, { recursive: true });
  return folder;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}
