import type { Digest, GitId, PlacementName } from '@flotilla/shared/base';
import type {
  ApplyPolicy,
  AssignmentRow,
  HealthPolicy,
  PrunePolicy,
  RemovalRow,
  Render,
} from '@flotilla/shared/model';
import { variantDigest } from '@flotilla/shared/model';
import { memoryContent } from '../../../../test/fakes/content.ts';
import { memoryGit } from '../../../../test/fakes/git.ts';
import { removalRow, rowOf } from '../../../../test/real/agent-engine/row.ts';
import type { ContentPort } from '../../ports.ts';

/** Test only: files of a source by path. */
export type Files = Readonly<Record<string, string>>;

/** Test only: a Git server in memory, and the agent's way to it. */
export interface TestGit extends ContentPort {
  /** Makes a commit of files below `app/`; returns the content of a row for it. */
  commit(files: Files): { readonly commit: GitId; readonly treeId: GitId };
  isUp: boolean;
}

export function testGit(): TestGit {
  const git = memoryGit();
  return {
    // Without a cache: an engine has to get by with what it stored itself.
    ...memoryContent(git, { isCaching: false }),
    get isUp() {
      return git.isUp;
    },
    set isUp(isUp) {
      git.isUp = isUp;
    },
    commit(files) {
      const below = Object.entries(files).map(([path, text]) => [`app/${path}`, text] as const);
      const commit = git.commit(Object.fromEntries(below));
      return { commit, treeId: git.treeAt(commit, 'app') };
    },
  };
}

let seq = 0;

/** What a test wants of a row; everything else has the product's defaults. */
export interface RowWish {
  readonly placement?: string;
  readonly files: Files;
  /** Name of the repository; default `shop`. All of them are on the one server of the test. */
  readonly repository?: string;
  readonly apply?: Partial<ApplyPolicy>;
  readonly prune?: Partial<PrunePolicy>;
  readonly render?: Partial<Render>;
  readonly permittedPrune?: Digest;
  readonly suspended?: string;
  readonly deadlineMs?: number;
  readonly health?: Partial<HealthPolicy>;
}

export function rowFor(world: { readonly git: TestGit }, wish: RowWish): AssignmentRow {
  const { commit, treeId } = world.git.commit(wish.files);
  seq += 1;
  const placement = (wish.placement ?? 'shop') as PlacementName;
  const trees = [{ path: 'app', treeId }];
  const row = rowOf({ placement, commit, trees, namespace: 'shop', seq });
  const { digest: _digest, ...base } = row.variant;
  const variant = {
    content: {
      ...base.content,
      repositoryUrl: `https://git.example.org/${wish.repository ?? 'shop'}.git`,
    },
    render: { ...base.render, ...wish.render },
    apply: { ...base.apply, ...wish.apply },
    health: { ...base.health, deadlineMs: wish.deadlineMs ?? base.health.deadlineMs, ...wish.health },
    prune: { enabled: true, maxObjects: 20, maxPercent: 30, ...wish.prune },
  };
  return {
    ...row,
    suspension: wish.suspended === undefined ? undefined : { reason: wish.suspended },
    permittedPrune: wish.permittedPrune,
    variant: { ...variant, digest: variantDigest(variant) },
  };
}

export function removalFor(
  placement: string,
  mode: RemovalRow['mode'] = 'prune',
  permittedPrune?: Digest,
): RemovalRow {
  seq += 1;
  const row = removalRow({ placement: placement as PlacementName, commit: 'c'.repeat(40) as GitId, seq });
  return { ...row, mode, permittedPrune };
}

export const configMap = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${data}"}\n`;
export const deployment = (name: string, image: string, replicas = 1) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  replicas: ${replicas}\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}}}\n    spec:\n      containers:\n      - {name: main, image: "${image}"}\n`;

export const ref = (kind: string, name: string, group = '') => ({
  group,
  version: 'v1',
  kind,
  namespace: 'shop',
  name,
});
export const namespaceRef = (name: string) => ({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  namespace: undefined,
  name,
});
export const assignmentRef = (name: string) => ({
  group: 'flotilla.dev',
  version: 'v1alpha1',
  kind: 'Assignment',
  namespace: undefined,
  name,
});
export const web = ref('Deployment', 'web', 'apps');
export const two = { 'a.yaml': configMap('settings', '1'), 'b.yaml': deployment('web', 'web:1') };
