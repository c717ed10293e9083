import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runChild } from '../child.ts';
import { isInRepository, packageCommand, rootFolder } from '../paths.ts';
import type { Check } from './check.ts';

const protoFolder = join(rootFolder, 'proto');
const imageName = 'flotilla.binpb';
const imagePath = join(protoFolder, imageName);
// Comments are not part of what peers depend on, so the image holds none and does not change with them.
const imageFlags = ['--exclude-source-info'];

async function buf(args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const outcome = await runChild(packageCommand('buf', 'proto'), args, {
    cwd: protoFolder,
    output: 'capture',
    signal,
  });
  if (outcome.code === 0) return undefined;
  return `buf ${args[0]} failed:\n${`${outcome.stdout}${outcome.stderr}`.trim()}`;
}

async function withScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-generated-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readTree(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  if (!existsSync(folder)) return files;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), await readFile(path, 'utf8'));
  }
  return files;
}

/** The paths at which two trees (path → text) differ, each with how; sorted. */
export function differences(
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): readonly string[] {
  const lines: string[] = [];
  for (const path of [...new Set([...expected.keys(), ...found.keys()])].sort()) {
    if (!found.has(path)) lines.push(`${path} is missing`);
    else if (!expected.has(path)) lines.push(`${path} is generated from nothing any more`);
    else if (expected.get(path) !== found.get(path)) lines.push(`${path} differs`);
  }
  return lines;
}

async function findStaleCode(signal: AbortSignal): Promise<string | undefined> {
  return withScratch(async (folder) => {
    const failure = await buf(['generate', '-o', folder], signal);
    if (failure !== undefined) return failure;
    const lines = differences(await readTree(join(folder, 'gen')), await readTree(join(protoFolder, 'gen')));
    if (lines.length === 0) return undefined;
    return `proto/gen is not what the .proto files say (run npm run generate):\n  ${lines.join('\n  ')}`;
  });
}

async function findStaleImage(signal: AbortSignal): Promise<string | undefined> {
  if (!existsSync(imagePath)) return undefined;
  const breaking = await buf(['breaking', '--against', imageName], signal);
  if (breaking !== undefined) {
    return `${breaking}\nagents and hubs of different versions talk to each other: add fields, never change or reuse them`;
  }
  return withScratch(async (folder) => {
    const fresh = join(folder, imageName);
    const failure = await buf(['build', '-o', fresh, ...imageFlags], signal);
    if (failure !== undefined) return failure;
    if ((await readFile(fresh)).equals(await readFile(imagePath))) return undefined;
    return `proto/${imageName} does not know the newest fields (run npm run generate)`;
  });
}

/** The .proto files follow buf's rules, break no peer, and proto/gen is what they generate. */
export const generatedCode: Check = {
  name: 'generated code in step',
  run: async (signal) => {
    if (!isInRepository('proto/buf.gen.yaml'))
      return { isGood: false, text: 'proto/buf.gen.yaml is missing' };
    for (const step of [
      () => buf(['lint'], signal),
      () => findStaleImage(signal),
      () => findStaleCode(signal),
    ]) {
      const failure = await step();
      if (failure !== undefined) return { isGood: false, text: failure };
    }
    return { isGood: true, text: '' };
  },
};

/**
 * Regenerates proto/gen, and the image that later changes are compared with.
 * Returns the first failure as text; a change that breaks peers stops it unless `acceptBreaking`.
 */
export async function generateCode(
  acceptBreaking: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const steps = [() => buf(['lint'], signal)];
  if (existsSync(imagePath) && !acceptBreaking) {
    steps.push(() => buf(['breaking', '--against', imageName], signal));
  }
  steps.push(
    () => buf(['generate', '--clean'], signal),
    () => buf(['build', '-o', imageName, ...imageFlags], signal),
  );
  for (const step of steps) {
    const failure = await step();
    if (failure !== undefined) return failure;
  }
  return undefined;
}
