import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import { type ChildOutcome, runChild } from '../child.ts';
import { withLock } from './install-lock.ts';
import { kubernetesGoMod, kubernetesImports } from './kubernetes-module.ts';
import type { GoRecipe, Tool } from './tool.ts';
import { NotHere, ToolError } from './tool-error.ts';
import { compareVersions, parseVersion } from './version.ts';

/** What a build needs besides the tool's row. */
export interface BuildOptions {
  /** A fresh folder for this build; the caller removes it. */
  readonly scratch: string;
  readonly target: string;
  /** The project's cache folder, where the prepared Kubernetes module is kept for the next command. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Older ones cannot bring the newer Go that a module asks for. */
const goVersionMin = '1.21.0';
const stripSymbols = '-s -w';
const progressMs = 30_000;

/** Builds a program from published Go modules to `target`. NotHere when there is no usable Go. */
export async function buildWithGo(tool: Tool, options: BuildOptions): Promise<void> {
  await requireGo(options);
  options.say(
    `building ${tool.name} ${tool.version} with Go (up to ${describeSeconds(tool.buildSeconds)} on 2 cores)`,
  );
  const started = performance.now();
  const progress = setInterval(() => {
    options.say(`still building ${tool.name} (${Math.round((performance.now() - started) / 1000)} s)`);
  }, progressMs);
  try {
    await builders[tool.recipe.kind](tool, options);
  } finally {
    clearInterval(progress);
  }
}

const builders: Readonly<Record<GoRecipe['kind'], (tool: Tool, options: BuildOptions) => Promise<void>>> = {
  install: installPackage,
  require: buildRequiredModule,
  kubernetes: buildKubernetesCommand,
};

async function installPackage(tool: Tool, options: BuildOptions): Promise<void> {
  if (tool.recipe.kind !== 'install') return;
  const bin = join(options.scratch, 'bin');
  const ldflags = [stripSymbols, tool.recipe.ldflags ?? ''].join(' ').trim();
  const target = `${tool.recipe.package}@v${tool.version}`;
  // `go install` reads no go.mod here, so it must not be told -mod=mod.
  await go(['install', '-ldflags', ldflags, target], options, { GOBIN: bin, GOFLAGS: '-buildvcs=false' });
  await rename(join(bin, tool.name), options.target);
}

async function buildRequiredModule(tool: Tool, options: BuildOptions): Promise<void> {
  if (tool.recipe.kind !== 'require') return;
  await go(['mod', 'init', `flotilla.local/${tool.name}`], options);
  await go(['get', '-tool', `${tool.recipe.module}@v${tool.version}`], options);
  await go(['build', '-ldflags', stripSymbols, '-o', options.target, tool.recipe.package], options);
}

async function buildKubernetesCommand(tool: Tool, options: BuildOptions): Promise<void> {
  if (tool.recipe.kind !== 'kubernetes') return;
  const module = await prepareKubernetesModule(tool.version, options);
  const ldflags = `${stripSymbols} -X k8s.io/component-base/version.gitVersion=v${tool.version}`;
  const command = `k8s.io/kubernetes/cmd/${tool.recipe.command}`;
  await go(['build', '-ldflags', ldflags, '-o', options.target, command], options, {}, module);
}

/** The module that all four commands are built from: made once, complete or not at all. */
async function prepareKubernetesModule(version: string, options: BuildOptions): Promise<string> {
  const folder = join(options.cache, 'go-modules', `kubernetes-${version}`);
  const onWait = (pid: number | undefined): void =>
    options.say(`process ${pid ?? 'unknown'} is preparing the Kubernetes module; waiting for it`);
  await withLock(`${folder}.lock`, { signal: options.signal, onWait }, async () => {
    if (existsSync(folder)) return;
    const scratch = await mkdtemp(`${folder}.new-`);
    try {
      const answer = await go(['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`], options);
      const published = await readFile(goModPath(answer.stdout), 'utf8');
      await writeFile(join(scratch, 'go.mod'), kubernetesGoMod(published, version));
      await writeFile(join(scratch, 'tools.go'), kubernetesImports());
      await go(['mod', 'tidy'], options, {}, scratch);
      await rename(scratch, folder);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  return folder;
}

function goModPath(json: string): string {
  const answer: unknown = JSON.parse(json);
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'GoMod' in answer &&
    typeof answer.GoMod === 'string'
  ) {
    return answer.GoMod;
  }
  throw new ToolError('go mod download did not say where the go.mod of k8s.io/kubernetes is');
}

async function requireGo(options: BuildOptions): Promise<void> {
  let outcome: ChildOutcome;
  try {
    outcome = await runChild(goProgram(options), ['version'], {
      env: options.env,
      output: 'capture',
      signal: options.signal,
    });
  } catch (error) {
    options.signal.throwIfAborted();
    throw new NotHere(`Go is not there (${describeError(error)})`);
  }
  const version = parseVersion(outcome.stdout.replace(/^go version go/, ''));
  if (version === undefined) throw new NotHere(`${goProgram(options)} version does not answer like Go`);
  if (compareVersions(version, goVersionMin) < 0)
    throw new NotHere(`Go ${version} is older than ${goVersionMin}`);
}

function goProgram(options: BuildOptions): string {
  return options.env['FLOTILLA_GO'] || 'go';
}

async function go(
  args: readonly string[],
  options: BuildOptions,
  env: Readonly<Record<string, string>> = {},
  cwd = options.scratch,
): Promise<ChildOutcome> {
  await mkdir(cwd, { recursive: true });
  const outcome = await runChild(goProgram(options), args, {
    cwd,
    // A go.work above the cache, or the caller's GOFLAGS, must not change what is built.
    env: { ...options.env, GOFLAGS: '-mod=mod -buildvcs=false', GOWORK: 'off', ...env },
    output: 'capture',
    signal: options.signal,
  });
  if (outcome.code === 0) return outcome;
  const lines = outcome.stderr.trim().split('\n').slice(-5).join('\n  ');
  throw new ToolError(`go ${args.slice(0, 2).join(' ')} failed:\n  ${lines}`);
}

function describeSeconds(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
