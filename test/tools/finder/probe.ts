import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describeError } from '@flotilla/shared/base';
import { runChild } from '../child.ts';
import type { Tool } from './tool.ts';
import { parseVersion } from './version.ts';

const answerMs = 20_000;

/** A program's own answer about its version, or why there is none. */
export type Probe =
  | { readonly isGood: true; readonly version: string }
  | { readonly isGood: false; readonly reason: string };

/** Asks a program for its version. */
export async function probeVersion(path: string, tool: Tool, signal: AbortSignal): Promise<Probe> {
  try {
    const outcome = await runChild(path, tool.versionArgs, {
      output: 'capture',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    const version = parseVersion(outcome.stdout) ?? parseVersion(outcome.stderr);
    if (outcome.code === 0 && version !== undefined) return { isGood: true, version };
    return { isGood: false, reason: `it does not say its version (exit code ${outcome.code})` };
  } catch (error) {
    signal.throwIfAborted();
    return { isGood: false, reason: `it does not run (${describeError(error)})` };
  }
}

/** Every program of that name in the folders of PATH, first one first, each file once. */
export async function findOnPath(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    if (!(await isExecutable(path))) continue;
    const real = await realpath(path);
    if (!seen.has(real)) found.push(path);
    seen.add(real);
  }
  return found;
}

/** True when the file is there and may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
