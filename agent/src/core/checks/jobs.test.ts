import type { KubeObject } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { policyWith } from '../policy/policy-fixture.ts';
import { context, madeJob, smoke } from './checks-fixture.ts';
import { podsText } from './job-end.ts';
import { isOwnJob, jobFor } from './job-manifest.ts';
import { encodeRuns, type JobRuns, parseRuns } from './job-run.ts';

const withJob = (manifest: object) => jobFor({ ...smoke, jobJson: JSON.stringify(manifest) }, context);
const template = { spec: { containers: [{ name: 'a', image: 'b' }] } };

describe('the Job of a check', () => {
  it('gets a name, a namespace, marks and a restart policy, and carries no mark of a set', () => {
    expect(madeJob().object).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: expect.stringMatching(/^check-shop-smoke-[0-9a-f]{10}$/) as string,
        namespace: 'shop',
        labels: { 'flotilla.dev/check': 'smoke', 'flotilla.dev/check-of': 'shop' },
        annotations: { 'flotilla.dev/owner': 'hub/cluster', 'flotilla.dev/check-version': '1.7' },
      },
      spec: {
        template: {
          metadata: { labels: { 'flotilla.dev/check': 'smoke', 'flotilla.dev/check-of': 'shop' } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] },
        },
      },
    });
  });

  it('keeps what its manifest says, but not what would let it vanish, never run, or take in pods of others', () => {
    const made = withJob({
      metadata: { namespace: 'tests', labels: { a: 'b' }, annotations: { c: 'd' } },
      spec: {
        backoffLimit: 1,
        ttlSecondsAfterFinished: 5,
        suspend: true,
        manualSelector: true,
        selector: { matchLabels: { app: 'shop' } },
        template,
      },
    });
    expect(made).toMatchObject({
      value: {
        ref: { namespace: 'tests' },
        object: { metadata: { labels: { a: 'b' } }, spec: { backoffLimit: 1 } },
      },
    });
    expect(JSON.stringify(made)).not.toMatch(/ttlSeconds|suspend|elector/);
  });

  it('has another name for each version, check, placement and agent, never longer than a label', () => {
    const long = { ...smoke, name: 'n'.repeat(63) };
    const names = [
      jobFor(smoke, context),
      jobFor(smoke, { ...context, version: '1.8' }),
      jobFor({ ...smoke, name: 'other' }, context),
      jobFor(smoke, { ...context, placement: 'other' }),
      jobFor(smoke, { ...context, owner: 'hub/other' }),
      jobFor(long, { ...context, placement: 'p'.repeat(63) }),
      jobFor(long, { ...context, placement: `${'p'.repeat(45)}-x` }),
    ].map((job) => (job.ok ? job.value.ref.name : job.error));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    expect(jobFor(smoke, context)).toEqual(jobFor(smoke, context));
  });

  it.each([
    ['is no JSON', '{', 'not the JSON of a Job'],
    ['has no template', '{"spec":{}}', 'not the JSON of a Job'],
    [
      'carries a label of a set',
      { metadata: { labels: { 'applyset.kubernetes.io/part-of': 'x' } } },
      'part-of',
    ],
    [
      'carries a label of ours',
      { metadata: { labels: { 'flotilla.dev/assignment': 'x' } } },
      'flotilla.dev/assignment',
    ],
    ['is for the agent’s namespace', { metadata: { namespace: 'flotilla-system' } }, "agent's own namespace"],
  ])('that %s is refused', (_name, manifest, text) => {
    const jobJson =
      typeof manifest === 'string' ? manifest : JSON.stringify({ ...manifest, spec: { template } });
    const job = jobFor({ ...smoke, jobJson }, context);
    expect(job).toMatchObject({ ok: false, error: expect.stringContaining(text) as string });
  });

  it('with a mark of ours on its pods, or without any namespace, is refused', () => {
    const marked = { ...template, metadata: { labels: { 'flotilla.dev/assignment': 'x' } } };
    expect(withJob({ spec: { template: marked } }).ok).toBe(false);
    expect(jobFor(smoke, { ...context, namespace: undefined }).ok).toBe(false);
  });

  it('is refused where the cluster takes no Jobs, or nothing in its namespace', () => {
    for (const limits of [{ kinds: ['ConfigMap'] }, { namespaces: ['elsewhere'] }]) {
      const job = jobFor(smoke, { ...context, policy: policyWith(limits) });
      expect(job).toMatchObject({ ok: false, error: expect.stringContaining('in policy.yaml') as string });
    }
    expect(jobFor(smoke, { ...context, policy: policyWith({ namespaces: ['shop'] }) }).ok).toBe(true);
  });

  it('is known again by all its marks', () => {
    const { object } = madeJob();
    const own = { check: 'smoke', placement: 'shop', version: '1.7', owner: 'hub/cluster' };
    expect(isOwnJob(object, own)).toBe(true);
    for (const other of [{ check: 'x' }, { placement: 'x' }, { version: '1.8' }, { owner: 'x' }])
      expect(isOwnJob(object, { ...own, ...other })).toBe(false);
    expect(isOwnJob({ ...object, metadata: { name: object.metadata.name } }, own)).toBe(false);
  });
});

const pod = (name: string, at: string, status: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, creationTimestamp: at },
  status,
});
const ended = (exitCode: number, message = '') => ({
  containerStatuses: [{ name: 'main', state: { terminated: { exitCode, reason: 'Error', message } } }],
});

describe('what pods say', () => {
  it('is the end of the newest one that ended with an error', () => {
    const pods = [
      pod('old', '2026-01-01', ended(1, 'old')),
      pod('new', '2026-01-02', ended(2, 'no answer\n')),
    ];
    expect(podsText(pods)).toBe('new/main: ended with exit code 2 (Error): no answer');
    expect(podsText([pod('a', '1', ended(0))])).toBe('');
    expect(podsText([])).toBe('');
  });

  it('is the reason of a pod that failed as a whole, or what keeps one from starting', () => {
    expect(podsText([pod('a', '1', { phase: 'Failed', reason: 'Evicted', message: 'no memory' })])).toBe(
      'a: Evicted: no memory',
    );
    const waiting = {
      containerStatuses: [{ name: 'm', state: { waiting: { reason: 'ErrImagePull', message: 'no' } } }],
    };
    expect(podsText([pod('a', '1', waiting)])).toBe('a/m: ErrImagePull: no');
  });
});

describe('what is stored of Jobs', () => {
  const run = { check: 'smoke', version: '1.7', namespace: 'shop', name: 'x' };
  const runs: JobRuns = [
    { ...run, end: undefined },
    { ...run, version: '1.8', end: { kind: 'passed' } },
    { ...run, version: '1.9', end: { kind: 'failed', uid: 'u', text: 'why' } },
  ];

  it('is read back as it was written', () => {
    expect(parseRuns(encodeRuns(runs))).toEqual({ ok: true, value: runs });
  });

  it.each([
    ['of a newer agent', { format: 2, runs: [] }, 'run a newer agent'],
    ['of no format', { runs: [] }, 'no format'],
    ['that is no object', [], 'not an object'],
    ['with a malformed run', { format: 1, runs: [{ check: 'x' }] }, 'malformed'],
    ['with a malformed end', { format: 1, runs: [{ ...run, end: { kind: 'maybe' } }] }, 'malformed'],
    ['without an end', { format: 1, runs: [run] }, 'malformed'],
  ])('%s is refused', (_name, record, text) => {
    expect(parseRuns(record)).toMatchObject({ ok: false, error: expect.stringContaining(text) as string });
  });
});
