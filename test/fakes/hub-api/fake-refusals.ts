import type { ActionRefusal } from '@flotilla/hub/api-port';
import { problemCodes } from '@flotilla/shared/model';

/** A commit that waits for a person, in `control`. */
export const waitingCommit = 'fedcba9876543210fedcba9876543210fedcba98';

export function nameTaken(name: string): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.clusterNameTaken,
    text: `a cluster ${name} is registered already`,
    cause: 'names are unique in the fleet',
    next: `flotilla describe cluster ${name}`,
  };
}

export function unknownCluster(name: string): ActionRefusal {
  return { kind: 'not-found', code: problemCodes.clusterUnknown, text: `there is no cluster ${name}` };
}

export function notWaiting(source: string, commit: string): ActionRefusal {
  return {
    kind: 'conflict',
    code: problemCodes.commitNotWaiting,
    text: `no commit ${commit} of ${source} waits for a person`,
    cause: `what waits is ${waitingCommit.slice(0, 12)}`,
    next: `flotilla source accept ${source} ${waitingCommit.slice(0, 12)}`,
  };
}

export function unknownRevision(ref: string): ActionRefusal {
  const text = `the control repository cannot be read at ${ref}`;
  return { kind: 'not-found', code: problemCodes.revisionUnknown, text, cause: `there is no ref ${ref}` };
}
