import { type GitId, sha256Hex } from '@flotilla/shared/base';
import type { CommitInfo } from '@flotilla/shared/model';
import type { FleetSpec, PlacementSpec } from '../fleet-spec/index.ts';
import { type SourceEntry, type SourceSnapshot, type SourceTree, sourceTreeOf } from '../release/index.ts';

/** The control repository, as content is taken from it. */
export interface ControlSnapshot {
  readonly repositoryUrl: string;
  readonly credential: string | undefined;
  readonly caBundlePem: string | undefined;
  readonly requiredSigners: readonly string[];
  readonly ref: string;
  readonly commit: CommitInfo;
  readonly tree: SourceTree;
}

/** Stands for the commit that a working tree is not yet. */
export const unknownCommit: CommitInfo = {
  // All zeros is Git's own word for "no object".
  id: '0'.repeat(40) as GitId,
  author: '',
  subject: 'not committed yet',
  committedAtS: 0,
};

/** The control repository where nobody knows its address: of equal trees follow equal digests all the same. */
export const thisRepository: Omit<ControlSnapshot, 'tree'> = {
  repositoryUrl: 'this repository',
  credential: undefined,
  caBundlePem: undefined,
  requiredSigners: [],
  ref: '',
  commit: unknownCommit,
};

/** Whether a placement takes its content from the very state of the control repository that its rule stands in. */
export function isOfControl({ source }: PlacementSpec): boolean {
  return source.repo === undefined && source.ref === undefined;
}

/**
 * Where a placement takes its content from, when only the control repository itself can be read. Of any other repository or ref
 * nothing is known, and its content is assumed to stay: folders of the names that the placement gives, whose ids follow from the
 * source, the ref and the path. Two states that name the same get the same.
 */
export function snapshotFor(
  spec: FleetSpec,
  placement: PlacementSpec,
  control: ControlSnapshot,
): SourceSnapshot {
  const { repo, ref } = placement.source;
  const source = repo && spec.sources.find((one) => one.name === repo.name);
  return {
    repositoryUrl: source?.url ?? control.repositoryUrl,
    credential: source === undefined ? control.credential : source.credential,
    caBundlePem: source === undefined ? control.caBundlePem : source.caBundlePem,
    requiredSigners: source === undefined ? control.requiredSigners : source.requiredSigners,
    ref: isOfControl(placement) ? control.ref : (ref ?? 'HEAD'),
    commit: control.commit,
    tree: isOfControl(placement) ? control.tree : assumedTree(placement, source?.url ?? ''),
  };
}

function assumedTree({ overrides, source }: PlacementSpec, url: string): SourceTree {
  const idOf = (path: string) => assumedId(`${url} ${source.ref ?? 'HEAD'} ${path}`);
  const paths = [source, ...source.includes, ...overrides.flatMap((one) => one.overlay ?? [])];
  const entries: ({ readonly path: string } & SourceEntry)[] = [];
  for (const { path } of paths) {
    const parts = path.split('/');
    for (let count = 1; path !== '' && count <= parts.length; count += 1) {
      const folder = parts.slice(0, count).join('/');
      entries.push({ path: folder, kind: 'folder', id: idOf(folder) });
    }
  }
  return sourceTreeOf({ treeId: idOf(''), entries });
}

function assumedId(text: string): GitId {
  // 40 characters of a hash have the form of an id.
  return sha256Hex(`assumed ${text}`).slice(0, 40) as unknown as GitId;
}
