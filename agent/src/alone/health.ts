import { readFile } from 'node:fs/promises';
import { describeError, FlotillaError } from '@flotilla/shared/base';
import type { KubeObject } from '@flotilla/shared/model';
import { formatProblem, judgeObject, renderManifests, type Verdict } from '../core/index.ts';
import type { HealthConfig } from './settings.ts';

/** The verdict on one object. */
export interface ObjectVerdict {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly status: Verdict['status'];
  readonly reason: string;
  readonly message: string;
}

/** Judges objects as a cluster gave them, by the agent's own rules. Rejects when they cannot be read. */
export async function healthAlone(config: HealthConfig, nowMs: number): Promise<readonly ObjectVerdict[]> {
  const bytes = await readAll(config.file);
  const steps = renderManifests([{ path: config.file, bytes }], {
    patches: [],
    variables: {},
    clusterName: '',
  });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const result = step.value;
  if (result.kind === 'problems')
    throw new FlotillaError(result.problems.map(formatProblem).join('\n'), {
      code: 'OBJECTS_BROKEN',
      retry: 'never',
    });
  return result.objects.map(({ object }) => verdictOn(object, nowMs));
}

function verdictOn(object: KubeObject, nowMs: number): ObjectVerdict {
  const { status, reason, message } = judged(object, nowMs);
  const { name, namespace } = object.metadata;
  return { kind: object.kind, namespace, name, status, reason, message };
}

function judged(object: KubeObject, nowMs: number): Verdict {
  const { uid, creationTimestamp } = object.metadata;
  if (uid === undefined) {
    const message = 'it is a manifest: only what a cluster has (it carries a uid) can be well';
    return { status: 'Unknown', reason: 'NotLive', message };
  }
  const createdMs = typeof creationTimestamp === 'string' ? Date.parse(creationTimestamp) : Number.NaN;
  const ageMs = Number.isNaN(createdMs) ? 0 : Math.max(0, nowMs - createdMs);
  return judgeObject(object, object['status'] !== undefined, ageMs);
}

async function readAll(file: string): Promise<Uint8Array> {
  try {
    if (file !== '-') return await readFile(file);
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } catch (error) {
    throw new FlotillaError(`cannot read ${file}: ${describeError(error)}`, {
      code: 'FILE_UNREADABLE',
      retry: 'never',
      cause: error,
    });
  }
}

/** A table, or a list in JSON. */
export function printVerdicts(verdicts: readonly ObjectVerdict[], output: HealthConfig['output']): string {
  if (output === 'json') return `${JSON.stringify({ verdicts }, null, 2)}\n`;
  const rows = verdicts.map((one) => [
    one.status,
    `${one.kind} ${one.namespace === undefined ? '' : `${one.namespace}/`}${one.name}`,
    one.message,
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
