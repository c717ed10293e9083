import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeedReport, WorkerNews, WorkerTask } from './outcome.ts';

/** How seeds are shared out. */
export interface PoolOptions {
  readonly from: number;
  readonly count: number;
  readonly workers: number;
  readonly onReport: (report: SeedReport) => void;
}

/** Seeds that a worker is given at once: few enough that all end together. */
const batch = 20;
/** A seed takes a tenth of a second; one that takes so long does not end. */
const hangMs = 180_000;

/** Lives through seeds in several processes; resolves when all are over, however they went. */
export async function runSeeds(options: PoolOptions, signal: AbortSignal): Promise<void> {
  let next = options.from;
  const end = options.from + options.count;
  const take = (): WorkerTask | undefined => {
    if (next >= end || signal.aborted) return undefined;
    const task = { from: next, count: Math.min(batch, end - next) };
    next += task.count;
    return task;
  };
  const workers = Math.min(options.workers, Math.ceil(options.count / batch));
  await Promise.all(Array.from({ length: workers }, () => work(take, options.onReport, signal)));
}

/** One worker after the other, until no seeds are left: one that dies, or hangs, is told of and replaced. */
async function work(
  take: () => WorkerTask | undefined,
  onReport: PoolOptions['onReport'],
  signal: AbortSignal,
): Promise<void> {
  for (let task = take(); task !== undefined; ) {
    const left = await live(task, take, { onReport, signal });
    task = left ?? take();
  }
}

/** Runs a worker on one task after the other. Returns what is left of the task in which it died; undefined = nothing. */
async function live(
  first: WorkerTask,
  take: () => WorkerTask | undefined,
  { onReport, signal }: { readonly onReport: PoolOptions['onReport']; readonly signal: AbortSignal },
): Promise<WorkerTask | undefined> {
  const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
    // Worlds are short-lived: with room for the young, few are ever looked through.
    execArgv: ['--max-semi-space-size=64'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  let task: WorkerTask | undefined = first;
  let at = first.from;
  let watch = watchdog(child);
  child.on('message', (news: WorkerNews) => {
    clearTimeout(watch);
    watch = watchdog(child);
    at = news.seed;
    if (news.kind === 'begins') return;
    onReport(news);
    if (task === undefined || news.seed + 1 < task.from + task.count) return;
    task = take();
    if (task === undefined) child.disconnect();
    else child.send(task);
  });
  child.send(first);
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
  clearTimeout(watch);
  signal.removeEventListener('abort', stop);
  if (task === undefined || signal.aborted) return undefined;
  onReport({
    seed: at,
    failure: 'assertion: the process died in it, or it does not end',
    hash: '',
    kinds: {},
  });
  const left = task.from + task.count - at - 1;
  return left > 0 ? { from: at + 1, count: left } : undefined;
}

function watchdog(child: ChildProcess): NodeJS.Timeout {
  return setTimeout(() => void child.kill('SIGKILL'), hangMs);
}
