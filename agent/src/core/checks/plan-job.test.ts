import { describe, expect, it } from 'vitest';
import { liveJob, madeJob } from './checks-fixture.ts';
import type { JobEnd, JobRun } from './job-run.ts';
import { type JobSight, planJob } from './plan-job.ts';

const job = madeJob();
const fresh = { check: 'smoke', version: '1.7', namespace: 'shop', name: job.ref.name };
const begun: JobRun = { ...fresh, end: undefined };
const ended = (end: JobEnd): JobRun => ({ ...fresh, end });
const failed = ended({ kind: 'failed', uid: 'u1', text: 'Why: because' });
const unread: JobSight = { kind: 'unread' };
const absent: JobSight = { kind: 'absent' };
const seen = (
  change: Parameters<typeof liveJob>[0] = {},
  more: { isOwn?: boolean; podsSay?: string } = {},
): JobSight => ({
  kind: 'present',
  job: liveJob(change),
  isOwn: more.isOwn ?? true,
  podsSay: more.podsSay,
});
const next = (run: JobRun | undefined, sight: JobSight) => planJob({ job, run, fresh, sight });

describe('the next step of a Job check', () => {
  it('writes down what it is about to make before it looks for it', () => {
    expect(next(undefined, unread)).toEqual({ kind: 'save', run: begun });
    expect(next(begun, unread)).toEqual({ kind: 'read' });
    expect(next(begun, absent)).toEqual({ kind: 'create' });
  });

  it('counts a Job that passed only after that was written down, and then without looking', () => {
    expect(next(begun, seen({ end: 'Complete' }))).toEqual({ kind: 'save', run: ended({ kind: 'passed' }) });
    expect(next(ended({ kind: 'passed' }), unread)).toEqual({ kind: 'answer', answer: { kind: 'holds' } });
  });

  it('takes a Job that passed as passed also while it is being deleted', () => {
    expect(next(begun, seen({ end: 'Complete', deleting: true }))).toMatchObject({
      kind: 'save',
      run: { end: { kind: 'passed' } },
    });
  });

  it('asks the pods of a Job that failed, and writes down what they say', () => {
    expect(next(begun, seen({ end: 'Failed' }))).toEqual({ kind: 'read-pods' });
    expect(next(begun, seen({ end: 'Failed' }, { podsSay: 'x/a: ended with exit code 1' }))).toEqual({
      kind: 'save',
      run: ended({ kind: 'failed', uid: 'u1', text: 'Why: because; x/a: ended with exit code 1' }),
    });
    expect(next(failed, seen({ end: 'Failed' }))).toMatchObject({
      answer: { kind: 'failed', text: `Job shop/${job.ref.name}: Why: because` },
    });
  });

  it('begins again when a Job that failed is gone, or another one has its name', () => {
    expect(next(failed, absent)).toEqual({ kind: 'save', run: begun });
    expect(next(failed, seen({ uid: 'u2' }))).toEqual({ kind: 'save', run: begun });
  });

  it('waits for a Job that runs, and for one that goes', () => {
    expect(next(begun, seen())).toEqual({ kind: 'read-pods' });
    expect(next(begun, seen({}, { podsSay: '' }))).toMatchObject({
      answer: { kind: 'waiting', text: `Job shop/${job.ref.name} has not ended yet` },
    });
    expect(next(begun, seen({}, { podsSay: 'x/a: ErrImagePull: no' }))).toMatchObject({
      answer: { kind: 'waiting', text: `Job shop/${job.ref.name} has not ended yet; x/a: ErrImagePull: no` },
    });
    expect(next(begun, seen({ deleting: true }))).toMatchObject({ answer: { kind: 'waiting' } });
  });

  it('never takes a stranger’s Job for its own', () => {
    expect(next(begun, seen({ end: 'Complete' }, { isOwn: false }))).toMatchObject({
      answer: { kind: 'blocked', code: 'CheckJobForeign' },
    });
  });
});
