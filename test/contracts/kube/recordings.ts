import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '@flotilla/shared/base';

/** Answers of a real API server by case name. */
export interface Recording {
  readonly serverVersion: string;
  readonly cases: ReadonlyMap<string, Json>;
}

const folder = join(import.meta.dirname, 'recorded');

/** Reads what was recorded of a group: a line with the server's version, then one line for each case. */
export async function readRecording(group: string): Promise<Recording> {
  const text = await readFile(join(folder, `${group}.jsonl`), 'utf8');
  const [head, ...lines] = text.trimEnd().split('\n');
  // Written by writeRecording() below.
  const { serverVersion } = JSON.parse(head ?? '{}') as { serverVersion: string };
  const cases = lines.map((line) => JSON.parse(line) as { case: string; steps: Json });
  return { serverVersion, cases: new Map(cases.map((one) => [one.case, one.steps])) };
}

/** Writes what a group answered. */
export async function writeRecording(group: string, recording: Recording): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = [...recording.cases].map(([name, steps]) => JSON.stringify({ case: name, steps }));
  const head = JSON.stringify({ serverVersion: recording.serverVersion });
  await writeFile(join(folder, `${group}.jsonl`), `${[head, ...lines].join('\n')}\n`);
}

/** True when the run writes recordings instead of comparing with them: FLOTILLA_RECORD=1. */
export function isRecording(): boolean {
  return process.env['FLOTILLA_RECORD'] === '1';
}
