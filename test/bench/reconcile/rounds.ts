import { pause } from '../pause.ts';
import type { Line } from '../results-file.ts';
import { round } from '../summary.ts';
import { type Application, applicationName, objectsPerApplication } from './application.ts';
import type { Contender } from './contender.ts';
import { areObserved, atRevision, type NamespaceWatch } from './namespace-watch.ts';

/** What a contender needed for one job. */
export interface JobLine extends Line {
  readonly kind: 'job';
  readonly round: number;
  readonly by: string;
  readonly job: Job;
  /** From the start to the last object as it should be, seen by watches. */
  readonly objectsMs: number;
  /** From the start to the last Deployment that the controllers have taken in; not after deletes. */
  readonly observedMs: number | undefined;
  /** From the start to its own word that all is done. */
  readonly saidMs: number;
}

/** What is asked of everybody, in this order. */
export const jobs = ['create all', 'change all', 'change one', 'delete all'] as const;
/** One of them. */
export type Job = (typeof jobs)[number];

/** One round of one contender: everything comes, changes, and goes. */
export async function runRound(
  { contender, watch }: { readonly contender: Contender; readonly watch: NamespaceWatch },
  about: { readonly round: number; readonly count: number },
): Promise<readonly JobLine[]> {
  const { count } = about;
  const { namespace } = contender;
  const revision = about.round * 10;
  const at = (changed: (index: number) => number): readonly Application[] =>
    Array.from({ length: count }, (_, index) => ({
      name: applicationName(index),
      namespace,
      revision: changed(index),
    }));
  const one = Math.floor(count / 2);
  const wanted: Record<Job, readonly Application[]> = {
    'create all': at(() => revision),
    'change all': at(() => revision + 1),
    'change one': at((index) => (index === one ? revision + 2 : revision + 1)),
    'delete all': [],
  };
  const lines: JobLine[] = [];
  for (const job of jobs) {
    const applications = wanted[job];
    const { said, startedMs } = await contender.bring(applications);
    const newest = job === 'change one' ? revision + 2 : (applications[0]?.revision ?? 0);
    const changed = job === 'change one' ? 1 : count;
    const objects = watch.until(`${contender.name}: ${job}`, (seen) =>
      job === 'delete all'
        ? seen.length === 0
        : seen.length === count * objectsPerApplication && atRevision(seen, newest) >= changed,
    );
    const observed =
      job === 'delete all'
        ? undefined
        : watch.until(`${contender.name}: ${job}, observed`, (seen) => areObserved(seen, newest, changed));
    const [objectsAt, observedAt, saidAt] = await Promise.all([objects, observed, said]);
    lines.push({
      kind: 'job',
      round: about.round,
      by: contender.name,
      job,
      objectsMs: round(objectsAt - startedMs),
      observedMs: observedAt && round(observedAt - startedMs),
      saidMs: round(saidAt - startedMs),
    });
    await pause(settleMs);
  }
  return lines;
}

/** Controllers and status objects come to rest before the next job begins. */
const settleMs = 3_000;
