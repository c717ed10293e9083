import { compareVersions, formatVersion, memberOf, type Row } from '@flotilla/shared/model';
import type { Ledger } from '../ledger.ts';
import { adoptedRollout, type ToldRow } from '../told.ts';
import { must } from '../violation.ts';

/** What an agent is about to hold durably. */
export interface Storing {
  readonly agent: { readonly uid: string; readonly name: string };
  /** What it held; undefined = nothing of this placement. */
  readonly old: Row | undefined;
  readonly row: Row;
}

/** J4: nothing is removed on a cluster but by a rollout that removes, for a commit that came into force. */
function judgeRemoval({ rollout }: ToldRow, { placement }: Row, ledger: Ledger): void {
  const plan = ledger.of(placement).rollouts.get(rollout)?.plan;
  const cause = plan?.cause.kind === 'commit' ? plan.cause.commit : undefined;
  const isCaused = ledger.adoptions.some(({ payload }) => payload.commit.id === cause);
  const text = () => `${rollout} removes ${placement} from a cluster, and no commit in force was its cause`;
  must(plan?.rolloutKind === 'withdraw' && isCaused, 'J4', text);
}

/** I6, J2, I22: versions at an agent only grow, and each row that it holds was made by the log for exactly this cluster. */
export function judgeStored({ agent, old, row }: Storing, ledger: Ledger): void {
  const at = () => `${agent.name} of ${row.placement}`;
  const isNewer = old === undefined || compareVersions(row.version, old.version) >= 0;
  must(
    isNewer,
    'I6',
    () => `${at()} goes back from ${old && formatVersion(old.version)} to ${formatVersion(row.version)}`,
  );
  must(row.cause !== undefined, 'I18', () => `${at()} takes a row without a cause`);
  const told = ledger.of(row.placement).allRows.get(`${agent.uid} ${row.version.seq}`);
  must(
    told !== undefined && compareVersions(told.version, row.version) === 0,
    'I22',
    () => `${at()} takes row ${formatVersion(row.version)}, which no decision made`,
  );
  // What was removed already may be written down again.
  const isAgain = told.rollout === adoptedRollout && old?.kind === 'removal';
  if (row.kind === 'removal' && !isAgain) judgeRemoval(told, row, ledger);
  const { variantDigest } = memberOf(row);
  const isSame =
    told.target.kind === 'removal'
      ? row.kind === 'removal'
      : row.kind === 'assignment' && variantDigest === told.target.digest;
  must(
    isSame,
    'I22',
    () => `${at()} takes row ${formatVersion(row.version)} with another content than was decided`,
  );
}
