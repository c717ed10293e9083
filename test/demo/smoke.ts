import {
  type ActOutcome,
  actBreak,
  actCutHub,
  actDrift,
  actFix,
  actOffline,
  actUndo,
  pushGood,
  untilAllReady,
} from './acts.ts';
import { actApprove, actWindow } from './acts-steer.ts';
import { busConnections } from './bus-connections.ts';
import type { DemoFleet } from './demo-fleet.ts';

/** What the smoke run prints as one JSON line. */
export interface SmokeResult {
  readonly ok: boolean;
  /** Why not; '' when ok. */
  readonly reason: string;
  readonly clusters: number;
  readonly assignments: number;
  readonly seconds: { readonly [step: string]: number };
  readonly acts: { readonly [act: string]: ActOutcome['facts'] };
  /** Connections as the NATS server itself counts them. */
  readonly natsConnections: number;
  /** Fetches as the Git server counted them. */
  readonly gitFetches: number;
}

/** Runs the demo from start to end unattended: all Ready, a commit, every act. */
export async function runSmoke(
  fleet: DemoFleet,
  startedMs: number,
  say: (line: string) => void,
): Promise<SmokeResult> {
  const seconds: Record<string, number> = {};
  const acts: Record<string, ActOutcome['facts']> = {};
  const result = {
    clusters: fleet.clusters.length,
    assignments: 0,
    seconds,
    acts,
    natsConnections: 0,
    gitFetches: 0,
  };
  try {
    result.assignments = (await untilAllReady(fleet, 120_000)).length;
    seconds['allReady'] = Math.round((performance.now() - startedMs) / 100) / 10;
    say(`${result.assignments} assignments Ready after ${seconds['allReady']} s`);
    result.natsConnections = await busConnections(fleet.hubDataDir, fleet.busPort);
    const pushed = await pushGood(fleet, 'Checkout: a new version');
    seconds['push'] = pushed.seconds;
    say(`a pushed commit is Ready everywhere after ${pushed.seconds} s`);
    for (const outcome of await runActs(fleet, say)) acts[outcome.act] = outcome.facts;
    await untilAllReady(fleet, 60_000);
    result.gitFetches = await fleet.gitFetches();
    const reason = complaint(fleet, { ...result, acts });
    return { ...result, ok: reason === '', reason };
  } catch (error) {
    return { ...result, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function runActs(fleet: DemoFleet, say: (line: string) => void): Promise<readonly ActOutcome[]> {
  const outcomes: ActOutcome[] = [];
  const acts = [
    () => actBreak(fleet, say),
    () => actUndo(fleet, say),
    () => actFix(fleet, say),
    () => actApprove(fleet, say),
    () => actWindow(fleet, say),
    () => actDrift(fleet, say),
    () => actCutHub(fleet, say),
    () => actOffline(fleet, fleet.offlineDefault, say),
  ];
  for (const act of acts) {
    const outcome = await act();
    say(`${outcome.act}: ${outcome.text}`);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** What is not as it should be; '' = nothing. */
function complaint(fleet: DemoFleet, result: Omit<SmokeResult, 'ok' | 'reason'>): string {
  const { acts, natsConnections, gitFetches } = result;
  if (acts['break']?.['touched'] !== 1)
    return `break touched ${acts['break']?.['touched']} clusters instead of 1`;
  if (acts['undo']?.['changed'] !== 1)
    return `undo changed ${acts['undo']?.['changed']} clusters instead of 1`;
  if (acts['cut-hub']?.['writesOnReturn'] !== 0) {
    return `the hub's return caused ${acts['cut-hub']?.['writesOnReturn']} writes on clusters`;
  }
  if (acts['approve']?.['waits'] !== 'NeedsApproval')
    return `after the canary a cluster waited for ${acts['approve']?.['waits']} instead of an approval`;
  if (fleet.members.isSimulated && acts['approve']?.['joiner'] !== 'NeedsApproval')
    return `the cluster that joined gave ${acts['approve']?.['joiner']} as its reason instead of the approval`;
  if (acts['window']?.['started'] !== 0)
    return `${acts['window']?.['started']} clusters started while the change window was closed`;
  const expected = result.clusters + 2;
  if (natsConnections !== expected)
    return `NATS counts ${natsConnections} connections instead of ${expected}`;
  return gitFetches > 0 ? '' : 'the Git server saw no fetch';
}
