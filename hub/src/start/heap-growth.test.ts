import { expect, test } from 'vitest';
import { Fleet } from '../loops/index.ts';
import { growWhileReading } from './heap-growth.ts';

/** The flags that are set while a log of so many decisions is read, and after it. */
function flagsOf(decisions: number, execArgv: readonly string[]): readonly string[] {
  const set: string[] = [];
  const fleet = new Fleet();
  growWhileReading(fleet, { execArgv, setFlag: (text) => set.push(text) });
  for (let seq = 1; seq <= decisions; seq += 1) fleet.onFolded.tell(seq);
  fleet.logFolded();
  fleet.registryRead();
  for (let seq = 1; seq <= 2_000; seq += 1) fleet.onFolded.tell(decisions + seq);
  return set;
}

const bound = '--heap-growing-percent=30';

test('the heap grows freely while a long log is read, and as Node was told from then on', () => {
  expect(flagsOf(5_000, ['--max-semi-space-size=4', bound])).toEqual(['--heap-growing-percent=0', bound]);
});

test('nothing is changed for a short log, or where Node was told nothing', () => {
  expect(flagsOf(999, [bound])).toEqual([]);
  expect(flagsOf(5_000, [])).toEqual([]);
});
