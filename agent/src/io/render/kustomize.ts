import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { limits } from '@flotilla/shared/base';
import type { ContentFile, KustomizePort } from '../../ports.ts';
import { RenderError } from './render-error.ts';
import { findLimiter, findProgram, runChild } from './run-child.ts';

/** How kustomize is run. */
export interface KustomizeOptions {
  /** Path of the binary, or a bare name that is looked for on PATH; undefined = every build is refused. */
  readonly program: string | undefined;
  /** Where the temporary folders are made. Default: the machine's. */
  readonly temporaryFolder?: string;
  /** Longest run. Default limits.renderMs. */
  readonly timeMs?: number;
}

/** YAML is longer than the JSON that the limit on rendered bytes counts. */
const outputBytesMax = 2 * limits.renderedBytesMax;

/**
 * Runs `kustomize build` as a child over a folder of its own that holds exactly the given files and goes away afterwards.
 * One at a time: a build may take half a gigabyte for a moment.
 */
export function openKustomize(options: KustomizeOptions): KustomizePort {
  let last: Promise<unknown> = Promise.resolve();
  let limiter: Promise<string | undefined> | undefined;

  async function build(
    input: { readonly files: readonly ContentFile[]; readonly path: string },
    signal: AbortSignal,
  ): Promise<string> {
    const program = await installed(options.program);
    const root = await mkdtemp(join(options.temporaryFolder ?? tmpdir(), 'flotilla-render-'));
    try {
      const tree = join(root, 'tree');
      await layOut(input.files, tree);
      const folder = join(root, 'home');
      await mkdir(folder);
      const args = ['build', join(tree, inside(input.path))];
      const { timeMs } = options;
      limiter ??= findLimiter();
      const run = { name: 'kustomize', program, args, folder, outputBytesMax, limiter: await limiter };
      return await runChild(timeMs === undefined ? run : { ...run, timeMs }, signal);
    } catch (error) {
      throw withoutFolder(error, root);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }

  return {
    async build(input, signal) {
      const mine = last.then(() => build(input, signal));
      last = mine.catch(() => undefined);
      return await mine;
    },
  };
}

async function installed(program: string | undefined): Promise<string> {
  const path = program === undefined ? undefined : await findProgram(program);
  if (path !== undefined) return path;
  const where = program === undefined ? 'no path of kustomize is set' : `there is no program ${program}`;
  throw new RenderError(`this source needs kustomize, but ${where}: install it and set its path`, {
    code: 'KUSTOMIZE_MISSING',
    retry: 'never',
  });
}

async function layOut(files: readonly ContentFile[], tree: string): Promise<void> {
  await mkdir(tree, { recursive: true });
  const folders = new Set(files.map((file) => dirname(inside(file.path))));
  for (const folder of folders) await mkdir(join(tree, folder), { recursive: true });
  for (const file of files) await writeFile(join(tree, inside(file.path)), file.bytes, { flag: 'wx' });
}

/** A path of the repository as a path below the tree; anything that would leave it is refused. */
function inside(path: string): string {
  const clean = normalize(path === '' ? '.' : path);
  if (isAbsolute(clean) || clean === '..' || clean.startsWith(`..${'/'}`) || path.includes('\0'))
    throw new RenderError(`${JSON.stringify(path)} is outside of the repository`, {
      code: 'RENDER_PATH',
      retry: 'never',
    });
  return clean;
}

/** The child names files by their full path; people know them by their path in the repository. */
function withoutFolder(error: unknown, root: string): unknown {
  if (!(error instanceof RenderError) || !error.message.includes(root)) return error;
  const message = error.message.replaceAll(`${join(root, 'tree')}/`, '').replaceAll(join(root, 'tree'), '.');
  return new RenderError(message, { code: error.code, retry: error.retry, cause: error.cause });
}
