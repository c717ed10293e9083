/** A process of its own that lives through seeds, one after the other, and says what became of each. */
import type { WorkerNews, WorkerTask } from './outcome.ts';
import { runSeed } from './run-seed.ts';

process.on('message', (task: WorkerTask) => void live(task));
process.on('disconnect', () => process.exit(0));

async function live({ count, from }: WorkerTask): Promise<void> {
  for (let seed = from; seed < from + count; seed += 1) {
    say({ kind: 'begins', seed });
    const { failure, hash, kinds } = await runSeed(seed);
    say({ kind: 'over', seed, failure: failure?.message, hash, kinds });
  }
}

function say(news: WorkerNews): void {
  process.send?.(news);
}
