/**
 * Faults of whole processes: `npm run faults -- S1`. Each scenario prints what it saw as one JSON line and fails when a rule was
 * broken. `--short` is the sample that fits CI.
 */
import { agentCrash } from './agent-crash/scenario.ts';
import { apiAnswers } from './api-answers/scenario.ts';
import { gitAnswers } from './git-answers/scenario.ts';
import { emptiedApplication } from './git-history/emptied-application.ts';
import { emptiedFolder } from './git-history/emptied-folder.ts';
import { rewrittenHistory } from './git-history/rewritten-history.ts';
import { manyHubs } from './many-hubs/scenario.ts';

/** How a scenario is run. */
export interface FaultRun {
  readonly isShort: boolean;
  readonly say: (line: string) => void;
}

/** What a scenario found. */
export interface FaultOutcome {
  readonly figures: { readonly [name: string]: unknown };
  /** Broken rules; none = it passed. */
  readonly broken: readonly string[];
}

const scenarios: Readonly<Record<string, (run: FaultRun) => Promise<FaultOutcome>>> = {
  S1: manyHubs,
  S13: gitAnswers,
  S14: emptiedFolder,
  S15: emptiedApplication,
  S16: rewrittenHistory,
  S17: agentCrash,
  S18: apiAnswers,
};

const args = process.argv.slice(2);
const isShort = args.includes('--short');
const names = args.filter((one) => !one.startsWith('--'));
const started = performance.now();
for (const name of names.length > 0 ? names : Object.keys(scenarios)) {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    process.stderr.write(`faults: there is no scenario ${name}, only ${Object.keys(scenarios).join(', ')}\n`);
    process.exitCode = 2;
    continue;
  }
  const say = (line: string) => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stderr.write(`${String(seconds).padStart(4)} s  ${name} ${line}\n`);
  };
  const { broken, figures } = await scenario({ isShort, say });
  process.stdout.write(
    `${JSON.stringify({ scenario: name, isGood: broken.length === 0, ...figures, broken })}\n`,
  );
  if (broken.length > 0) process.exitCode = 1;
}
