import type { GitId } from '@flotilla/shared/base';
import type { ControlAdopted, Reasoned } from '@flotilla/shared/model';
import {
  type Adoption,
  atCommit,
  formatPlace,
  type LocatedError,
  type PlacementSpec,
  sourceKeyOf,
} from '../core/index.ts';
import type { PlacementOutlook } from './fleet-state.ts';
import type { SnapshotWanted } from './source-snapshots.ts';

/** Before the last reports are read, what a rule that looks at facts takes is not known, as if nobody had looked. */
export function waitingForFacts(spec: PlacementSpec): PlacementOutlook {
  const text = 'this hub process has not read yet what clusters report, and the rule looks at facts';
  const reasons = [{ code: 'Starting', text, subject: 'hub' }];
  return { spec, desired: { kind: 'unresolved', reasons }, errors: [] };
}

/** Why a placement has nothing to take: no commit of its source came into force, and what the last look at Git said of that. */
export function noCommitText(spec: PlacementSpec, held: readonly Reasoned[]): string {
  const { ref, repo } = spec.source;
  const key = sourceKeyOf(spec);
  const said = held.find(({ subject }) => subject === key);
  const text = `the source ${repo?.name} has no commit in force at ref ${ref ?? 'default'}`;
  return said === undefined ? text : `${text}: ${said.text}`;
}

/** Nothing is wanted while there are mistakes; what stands stays. Each mistake is said of the commit that its file is of. */
export function unresolved(
  spec: PlacementSpec,
  at: { readonly adopted: Adoption; readonly wanted?: SnapshotWanted },
  mistakes: readonly LocatedError[],
): PlacementOutlook {
  const errors = mistakes.map((one) => {
    const commit = one.file === spec.at.file ? ruleCommit(spec, at.adopted.event) : at.wanted?.commit.id;
    return commit === undefined ? one : atCommit(one, commit);
  });
  const reasons: readonly Reasoned[] = errors.map((one) => ({
    code: one.code,
    text: `${formatPlace(one)} ${one.text}`,
    subject: spec.name,
  }));
  return { spec, desired: { kind: 'unresolved', reasons }, errors };
}

/** Undefined while a newer state of the file is broken: what is in force is then not what the commit has. */
function ruleCommit(spec: PlacementSpec, adopted: ControlAdopted): GitId | undefined {
  return adopted.broken[spec.at.file] === undefined ? adopted.commit.id : undefined;
}
