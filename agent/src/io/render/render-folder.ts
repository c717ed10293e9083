import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { limits } from '@flotilla/shared/base';
import type { ContentFile } from '../../ports.ts';
import { RenderError } from './render-error.ts';
import { findLimiter, findProgram, runChild } from './run-child.ts';
import type { Turns } from './turns.ts';

/** How a render program is run. */
export interface RendererOptions {
  /** Path of the binary, or a bare name that is looked for on PATH; undefined = every render is refused. */
  readonly program: string | undefined;
  /** Where the temporary folders are made. Default: the machine's. */
  readonly temporaryFolder?: string;
  /** Longest run. Default limits.renderMs. */
  readonly timeMs?: number;
  /** Whose children run one at a time. Default: only this program's own. */
  readonly turns?: Turns;
}

/** One run over files. */
export interface FolderRun {
  /** For messages: `kustomize`. */
  readonly name: string;
  readonly files: readonly ContentFile[];
  /** Text that lies beside the files, where no path among them leads. */
  readonly beside?: { readonly name: string; readonly text: string } | undefined;
  /** The arguments, with the way from a path of the repository to the one on disk. */
  readonly args: (place: (path: string) => string, beside: string) => readonly string[];
}

/** YAML is longer than the JSON that the limit on rendered bytes counts. */
const outputBytesMax = 2 * limits.renderedBytesMax;

/** Runs a program as a child over a folder of its own that holds exactly the given files and goes away afterwards. */
export async function runOverFolder(
  run: FolderRun,
  options: RendererOptions,
  signal: AbortSignal,
): Promise<string> {
  const program = await installed(options.program, run.name);
  const root = await mkdtemp(join(options.temporaryFolder ?? tmpdir(), 'flotilla-render-'));
  try {
    const tree = join(root, 'tree');
    await layOut(run.files, tree);
    const folder = join(root, 'home');
    await mkdir(folder);
    const beside = join(root, run.beside?.name ?? '');
    if (run.beside !== undefined) await writeFile(beside, run.beside.text);
    const args = run.args((path) => join(tree, inside(path)), beside);
    const { timeMs } = options;
    const child = { name: run.name, program, args, folder, outputBytesMax, limiter: await findLimiter() };
    return await runChild(timeMs === undefined ? child : { ...child, timeMs }, signal);
  } catch (error) {
    throw withoutFolder(error, root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function installed(program: string | undefined, name: string): Promise<string> {
  const path = program === undefined ? undefined : await findProgram(program);
  if (path !== undefined) return path;
  const where = program === undefined ? `no path of ${name} is set` : `there is no program ${program}`;
  throw new RenderError(`this source needs ${name}, but ${where}: install it and set its path`, {
    code: `${name.toUpperCase()}_MISSING`,
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
export function inside(path: string): string {
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
  return new RenderError(message.replaceAll(`${root}/`, ''), {
    code: error.code,
    retry: error.retry,
    cause: error.cause,
  });
}
