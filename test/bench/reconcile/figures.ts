import type { Line, Measured } from '../results-file.ts';
import { describeSummary, round, type Summary, summarize } from '../summary.ts';
import { type Job, type JobLine, jobs } from './rounds.ts';

/** The figures of all rounds by job and contender, and of what was measured besides. */
export function figuresOf(ofRounds: readonly Line[], more: readonly Line[]): Measured {
  const lines = [...ofRounds, ...more];
  const figures: Record<string, unknown> = {};
  const text: string[] = [];
  // Every raw line of a round is one of runRound's.
  const rounds = ofRounds.filter((line) => line.kind === 'job') as unknown as readonly JobLine[];
  for (const job of jobs) {
    const of = (by: string, field: 'objectsMs' | 'observedMs' | 'saidMs'): Summary | undefined => {
      const values = rounds.flatMap((one) => (one.job === job && one.by === by ? [one[field]] : []));
      const known = values.filter((value) => value !== undefined);
      return known.length === 0 ? undefined : summarize(known);
    };
    const names = [...new Set(rounds.map((one) => one.by))];
    figures[job] = Object.fromEntries(
      names.map((by) => [
        by,
        { objectsMs: of(by, 'objectsMs'), observedMs: of(by, 'observedMs'), saidMs: of(by, 'saidMs') },
      ]),
    );
    for (const by of names) text.push(describeJob(job, by, { of }));
  }
  for (const line of more) {
    if (Array.isArray(line['ms'])) {
      const summary = summarize(line['ms'] as number[]);
      figures[line.kind] = summary;
      text.push(`${line.kind}: ${describeSummary(summary, 'ms')}`);
    } else text.push(JSON.stringify(line));
  }
  return { lines, figures, text };
}

function describeJob(
  job: Job,
  by: string,
  { of }: { readonly of: (by: string, field: 'objectsMs' | 'saidMs') => Summary | undefined },
): string {
  const [objects, said, floor] = [of(by, 'objectsMs'), of(by, 'saidMs'), of('floor', 'objectsMs')];
  if (objects === undefined || said === undefined || floor === undefined)
    return `${job}, ${by}: not measured`;
  const share = round(objects.p50 / floor.p50);
  const spread = `${round(objects.min)}–${round(objects.max)}`;
  return `${job}, ${by}: objects ${round(objects.p50)} ms (${spread}), said ${round(said.p50)} ms; ${share} of the floor (n ${objects.n})`;
}
