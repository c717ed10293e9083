/**
 * Names of log fields: the only keys a log line may carry, so that a search for one finds every program's lines.
 * Alphabetical. A key that people or machines search for is added here first.
 */
export const logFields = [
  'actor',
  'address',
  'age_ms',
  'assignments',
  'attempt',
  'bucket',
  'bytes',
  'child',
  'cluster',
  'cluster_uid',
  'code',
  'commit',
  'count',
  'credential',
  'delay_ms',
  'digest',
  'duration_ms',
  'epoch',
  'error',
  'event',
  'file',
  'from',
  'hub_id',
  'incarnation',
  'key',
  'kind',
  'line',
  'loop',
  'method',
  'mode',
  'name',
  'namespace',
  'object',
  'path',
  'phase',
  'pid',
  'placement',
  'presence',
  'queue',
  'reason',
  'ref',
  'repository',
  'request',
  'rollout',
  'rung',
  'seq',
  'server',
  'session',
  'setting',
  'signal',
  'source',
  'stage',
  'state',
  'status',
  'stream',
  'subject',
  'to',
  'url',
  'version',
  'wave',
] as const;

/** One of the known field names. */
export type LogField = (typeof logFields)[number];

/** What a field may hold. `error` takes whatever was caught; the others take plain words and numbers. */
export type LogFields = {
  readonly [field in Exclude<LogField, 'error'>]?: string | number | boolean | undefined;
} & { readonly error?: unknown };
