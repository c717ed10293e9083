import type { KubeObject } from '@flotilla/shared/model';
import { formatRef } from '@flotilla/shared/model';
import type { CheckAnswer } from './check-answer.ts';
import { endedText, endOf } from './job-end.ts';
import type { JobToRun } from './job-manifest.ts';
import type { JobRun } from './job-run.ts';

/** What is known of the Job of a check on the cluster. */
export type JobSight =
  | { readonly kind: 'unread' }
  /** Read in this look, and not there. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'present';
      readonly job: KubeObject;
      /** It carries the marks of exactly this check (isOwnJob). */
      readonly isOwn: boolean;
      /** What its pods say; undefined = they were not asked. */
      readonly podsSay: string | undefined;
    };

/** The next step of a Job check. What is saved is durable before anything that rests on it happens. */
export type JobStep =
  | { readonly kind: 'save'; readonly run: JobRun }
  | { readonly kind: 'read' }
  /** List the pods of the Job that was read. */
  | { readonly kind: 'read-pods' }
  /** A Job of that name that is there already is no failure: read it. */
  | { readonly kind: 'create' }
  | { readonly kind: 'answer'; readonly answer: CheckAnswer };

/** What a Job check is decided by. */
export interface JobInput {
  readonly job: JobToRun;
  /** As it is stored. */
  readonly run: JobRun | undefined;
  /** A run that may begin now: nothing of the check at another version is left. */
  readonly fresh: Omit<JobRun, 'end'>;
  readonly sight: JobSight;
}

/**
 * The next step of one Job check. Written down before it is made, so that a process that dies knows what to look for; counted
 * only after its end was written down, so that a Job which is deleted later is not run again. What was written down as
 * failed counts until its Job is gone.
 */
export function planJob({ job, run, fresh, sight }: JobInput): JobStep {
  if (run === undefined) return { kind: 'save', run: { ...fresh, end: undefined } };
  if (run.end?.kind === 'passed') return answer({ kind: 'holds' });
  switch (sight.kind) {
    case 'unread':
      return { kind: 'read' };
    case 'absent':
      return run.end === undefined ? { kind: 'create' } : begunAgain(run);
    case 'present':
      return sight.isOwn ? judgePresent(job, run, sight) : answer(foreign(job));
  }
}

function judgePresent(
  { ref }: JobToRun,
  run: JobRun,
  sight: Extract<JobSight, { kind: 'present' }>,
): JobStep {
  const { job, podsSay } = sight;
  const uid = job.metadata.uid ?? '';
  const end = endOf(job);
  if (end === 'complete') return { kind: 'save', run: { ...run, end: { kind: 'passed' } } };
  if (run.end?.kind === 'failed' && run.end.uid !== uid) return begunAgain(run);
  if (end === 'failed') {
    if (run.end?.kind === 'failed')
      return answer({ kind: 'failed', text: `${formatRef(ref)}: ${run.end.text}`, ref });
    if (podsSay === undefined) return { kind: 'read-pods' };
    return { kind: 'save', run: { ...run, end: { kind: 'failed', uid, text: endedText(job, podsSay) } } };
  }
  const isGoing = (job.metadata.deletionTimestamp ?? '') !== '';
  if (isGoing) return answer({ kind: 'waiting', text: `${formatRef(ref)} is being deleted`, ref });
  if (podsSay === undefined) return { kind: 'read-pods' };
  const text = `${formatRef(ref)} has not ended yet${podsSay === '' ? '' : `; ${podsSay}`}`;
  return answer({ kind: 'waiting', text, ref });
}

/** Somebody deleted the Job that failed: it runs again. */
function begunAgain(run: JobRun): JobStep {
  return { kind: 'save', run: { ...run, end: undefined } };
}

function foreign({ ref }: JobToRun): CheckAnswer {
  const text = `${formatRef(ref)} exists and is not the Job of this check: delete it, or give the check another name`;
  return { kind: 'blocked', code: 'CheckJobForeign', text, ref };
}

function answer(one: CheckAnswer): JobStep {
  return { kind: 'answer', answer: one };
}
