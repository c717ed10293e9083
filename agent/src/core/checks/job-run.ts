import type { Json, Result } from '@flotilla/shared/base';
import { err, ok } from '@flotilla/shared/base';
import { isRecord } from '../health/fields.ts';

/** What is remembered of the Job of one check at one version of the row, before it is made and after it ended. */
export interface JobRun {
  /** Name of the check. */
  readonly check: string;
  /** formatVersion() of the row. */
  readonly version: string;
  readonly namespace: string;
  /** Name of the Job. */
  readonly name: string;
  /** How it ended; undefined = it may not even exist yet. */
  readonly end: JobEnd | undefined;
}

/** How a Job ended. A failed one counts while the Job with this uid exists: whoever deletes it asks again. */
export type JobEnd =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly uid: string; readonly text: string };

/** All Jobs of an assignment that may exist, of older versions too, until they are deleted. */
export type JobRuns = readonly JobRun[];

/** None. */
export const emptyRuns: JobRuns = [];

/** Format of the stored record; a newer one is refused, never rewritten. */
const format = 1;

/** The runs as the state store keeps them. */
export function encodeRuns(runs: JobRuns): Json {
  return { format, runs: runs.map(({ end, ...run }) => ({ ...run, end: end ?? null })) };
}

/** Reads stored runs; the error says what is wrong with the record. */
export function parseRuns(value: Json): Result<JobRuns, string> {
  if (!isRecord(value)) return err('record of checks is not an object');
  if (typeof value['format'] === 'number' && value['format'] > format)
    return err(
      `record of checks has format ${value['format']}; this agent knows ${format}: run a newer agent`,
    );
  if (value['format'] !== format || !Array.isArray(value['runs']))
    return err('record of checks has no format or no runs');
  const runs: JobRun[] = [];
  for (const item of value['runs']) {
    const run = parseRun(item);
    if (run === undefined) return err('record of checks has a malformed run');
    runs.push(run);
  }
  return ok(runs);
}

function parseRun(value: unknown): JobRun | undefined {
  if (!isRecord(value)) return undefined;
  const { check, version, namespace, name } = value;
  const isNamed =
    typeof check === 'string' &&
    typeof version === 'string' &&
    typeof namespace === 'string' &&
    typeof name === 'string';
  if (!isNamed) return undefined;
  const end = value['end'] === null ? undefined : parseEnd(value['end']);
  return end === 'malformed' ? undefined : { check, version, namespace, name, end };
}

function parseEnd(value: unknown): JobEnd | 'malformed' {
  if (!isRecord(value)) return 'malformed';
  if (value['kind'] === 'passed') return { kind: 'passed' };
  const { uid, text } = value;
  if (value['kind'] !== 'failed' || typeof uid !== 'string' || typeof text !== 'string') return 'malformed';
  return { kind: 'failed', uid, text };
}

/** The run of a check at a version. */
export function runOf(runs: JobRuns, check: string, version: string): JobRun | undefined {
  return runs.find((run) => run.check === check && run.version === version);
}

/** Runs whose Jobs nobody wants any more: of other versions, or everything when no version is wanted. */
export function leftoverRuns(runs: JobRuns, version: string | undefined): JobRuns {
  return runs.filter((run) => run.version !== version);
}

/** The runs with one put in the place of its predecessor. */
export function withRun(runs: JobRuns, run: JobRun): JobRuns {
  return [...withoutRun(runs, run), run];
}

/** The runs without one. */
export function withoutRun(runs: JobRuns, { check, version }: JobRun): JobRuns {
  return runs.filter((one) => one.check !== check || one.version !== version);
}
