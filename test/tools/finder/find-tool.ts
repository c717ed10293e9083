import { chmod, glob, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../paths.ts';
import { type DownloadLimits, downloadLimits } from './download.ts';
import { buildWithGo } from './go-build.ts';
import { withLock } from './install-lock.ts';
import { fetchRelease } from './install-release.ts';
import { findOnPath, isExecutable, probeVersion } from './probe.ts';
import { toolNamed } from './table.ts';
import type { FoundTool, Platform, Tool, ToolName, ToolOrigin } from './tool.ts';
import { NotHere, ToolError } from './tool-error.ts';
import { describeRange, isAccepted } from './version.ts';

/** How a tool is looked for; everything has a default. */
export interface FindOptions {
  readonly signal?: AbortSignal;
  /** Takes the progress lines; the default writes them to stderr. */
  readonly say?: (line: string) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly limits?: DownloadLimits;
  readonly platform?: Platform;
}

interface Search extends Required<FindOptions> {
  readonly cache: string;
  readonly notes: string[];
}

/**
 * Finds an outside program, in this order: the environment variable FLOTILLA_<NAME>; PATH with an accepted
 * version; the project's cache; the official release, checked; a Go build. The last two install into the
 * cache, complete or not at all, one run at a time. Throws ToolError with the ways out when all fail.
 */
export async function findTool(name: ToolName, options: FindOptions = {}): Promise<FoundTool> {
  return findToolOf(toolNamed(name), options);
}

/** The same for a row that is not in the table; the tests of this module use it. */
export async function findToolOf(tool: Tool, options: FindOptions = {}): Promise<FoundTool> {
  const search = startSearch(options);
  return (await lookAround(tool, search)) ?? (await install(tool, search));
}

/** What looking around without installing anything showed. */
export interface Peek {
  /** Undefined when the tool would have to be installed. */
  readonly found: FoundTool | undefined;
  readonly notes: readonly string[];
}

/** Where the tool would be taken from; installs nothing. */
export async function peekTool(tool: Tool, options: FindOptions = {}): Promise<Peek> {
  const search = startSearch(options);
  return { found: await lookAround(tool, search), notes: search.notes };
}

/** The environment variable that names a tool's program: FLOTILLA_NATS_SERVER for nats-server. */
export function variableOf(name: string): string {
  return `FLOTILLA_${name.toUpperCase().replaceAll('-', '_')}`;
}

function startSearch(options: FindOptions): Search {
  const env = options.env ?? process.env;
  return {
    signal: options.signal ?? new AbortController().signal,
    say: options.say ?? ((line) => process.stderr.write(`flotilla: ${line}\n`)),
    env,
    limits: options.limits ?? downloadLimits,
    platform: options.platform ?? currentPlatform(),
    cache: cacheFolder(env),
    notes: [],
  };
}

function currentPlatform(): Platform {
  const [os, arch] = [process.platform, process.arch];
  if (os !== 'linux' && os !== 'darwin') throw new ToolError(`${os} is not supported: use Linux or macOS`);
  return { os, arch: arch === 'arm64' ? 'arm64' : 'amd64' };
}

async function lookAround(tool: Tool, search: Search): Promise<FoundTool | undefined> {
  return (
    (await lookInEnvironment(tool, search)) ??
    (await lookOnPath(tool, search)) ??
    (await lookInCache(tool, search))
  );
}

async function lookInEnvironment(tool: Tool, search: Search): Promise<FoundTool | undefined> {
  const variable = variableOf(tool.name);
  const named = search.env[variable];
  if (named === undefined || named === '') return undefined;
  const path = resolve(named);
  const probe = await probeVersion(path, tool, search.signal);
  // A person asked for exactly this program: taking another one in silence would hide the mistake.
  if (!probe.isGood) throw new ToolError(`${variable}=${named} cannot be used: ${probe.reason}`);
  if (!isAccepted(probe.version, tool.accepted)) {
    search.say(
      `${variable} is ${probe.version}, outside of ${describeRange(tool.accepted)}: ${tool.accepted.why}`,
    );
  }
  return found(tool, search, { path, version: probe.version, origin: 'environment' });
}

async function lookOnPath(tool: Tool, search: Search): Promise<FoundTool | undefined> {
  for (const path of await findOnPath(tool.name, search.env)) {
    const probe = await probeVersion(path, tool, search.signal);
    if (!probe.isGood) search.notes.push(`${path} was passed over: ${probe.reason}`);
    else if (isAccepted(probe.version, tool.accepted)) {
      return found(tool, search, { path, version: probe.version, origin: 'path' });
    } else {
      const reason = `${probe.version} is not ${describeRange(tool.accepted)}, ${tool.accepted.why}`;
      search.notes.push(`${path} was passed over: ${reason}`);
    }
  }
  return undefined;
}

function cachedPath(tool: Tool, search: Search): string {
  return join(search.cache, 'tools', tool.name, tool.version, tool.name);
}

async function lookInCache(tool: Tool, search: Search): Promise<FoundTool | undefined> {
  const path = cachedPath(tool, search);
  // It answered with its version before it was moved here, so it is not asked again.
  if (!(await isExecutable(path))) return undefined;
  return found(tool, search, { path, version: tool.version, origin: 'cache' });
}

function found(
  tool: Tool,
  search: Search,
  place: { path: string; version: string; origin: ToolOrigin },
): FoundTool {
  return { name: tool.name, ...place, notes: [...search.notes] };
}

async function install(tool: Tool, search: Search): Promise<FoundTool> {
  for (const note of search.notes) search.say(note);
  const onWait = (pid: number | undefined): void =>
    search.say(`process ${pid ?? 'unknown'} is installing ${tool.name}; waiting for it`);
  const folder = join(search.cache, 'tools', tool.name);
  return withLock(join(folder, 'lock'), { signal: search.signal, onWait }, async () => {
    const meanwhile = await lookInCache(tool, search);
    if (meanwhile !== undefined) return meanwhile;
    // Left behind by a run that was killed; nobody else is at work while the lock is held.
    for await (const old of glob('new-*', { cwd: folder })) await rm(join(folder, old), { recursive: true });
    return installInto(folder, tool, search);
  });
}

async function installInto(folder: string, tool: Tool, search: Search): Promise<FoundTool> {
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, 'new-'));
  try {
    const fresh = join(scratch, 'ready');
    await mkdir(fresh);
    const origin = await obtain(tool, { search, scratch, target: join(fresh, tool.name) });
    await proveFresh(join(fresh, tool.name), tool, search);
    await rm(join(folder, tool.version), { recursive: true, force: true });
    await rename(fresh, join(folder, tool.version));
    search.say(`${tool.name} ${tool.version} is installed`);
    return found(tool, search, { path: cachedPath(tool, search), version: tool.version, origin });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function proveFresh(path: string, tool: Tool, search: Search): Promise<void> {
  await chmod(path, 0o755);
  const probe = await probeVersion(path, tool, search.signal);
  if (!probe.isGood) throw new ToolError(`the ${tool.name} just obtained cannot be used: ${probe.reason}`);
  if (probe.version === tool.version) return;
  throw new ToolError(`the ${tool.name} just obtained is ${probe.version} instead of ${tool.version}`);
}

interface Obtaining {
  readonly search: Search;
  readonly scratch: string;
  readonly target: string;
}

async function obtain(tool: Tool, { search, scratch, target }: Obtaining): Promise<'download' | 'build'> {
  const reasons: string[] = [];
  const work = { say: search.say, signal: search.signal, target };
  try {
    const release = releaseOf(tool, search);
    const { os, arch } = search.platform;
    const pinnedSha256 = tool.pinnedSha256[`${os}-${arch}`];
    await fetchRelease(release, { ...work, scratch, limits: search.limits, pinnedSha256 });
    return 'download';
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    search.say(`${tool.name} is not downloaded: ${error.message}`);
    reasons.push(error.message);
  }
  try {
    await rm(join(scratch, 'go'), { recursive: true, force: true });
    await buildWithGo(tool, { ...work, scratch: join(scratch, 'go'), cache: search.cache, env: search.env });
    return 'build';
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    reasons.push(error.message);
  }
  throw new ToolError(
    `${tool.name} ${tool.version} cannot be had: ${reasons.join('; ')}. Ways out: put a ${tool.name} ` +
      `${describeRange(tool.accepted)} on PATH, name one in ${variableOf(tool.name)}, or install Go`,
  );
}

function releaseOf(tool: Tool, search: Search): NonNullable<ReturnType<Tool['release']>> {
  if (search.env['FLOTILLA_DOWNLOADS'] === 'off') throw new NotHere('FLOTILLA_DOWNLOADS is off');
  const release = tool.release(search.platform);
  if (release !== undefined) return release;
  const { os, arch } = search.platform;
  throw new NotHere(`no release file with a checksum is published for ${os} ${arch}`);
}
