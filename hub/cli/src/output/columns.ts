import { shortId } from '@flotilla/shared/base';
import type {
  Actor,
  ApiItems,
  AssignmentItem,
  ClusterItem,
  CommitInfo,
  GitMistake,
  ItemKind,
  PlacementItem,
  Reasoned,
  RolloutItem,
} from '@flotilla/shared/model';
import { ageOf, seenCell } from './age.ts';
import { toneOf } from './colour.ts';
import type { Cell, Column } from './table.ts';

/** An item, and when the hub showed it. */
export interface Row<Item> {
  readonly item: Item;
  /** By the hub's clock: ages count from here. */
  readonly asOfMs: number;
}

const name = <Item extends { readonly metadata: { readonly name: string } }>(): Column<Row<Item>> => ({
  header: 'NAME',
  cell: ({ item }) => item.metadata.name,
});

const state = <Item extends { readonly status: { readonly state: string } }>(): Column<Row<Item>> => ({
  header: 'STATE',
  cell: ({ item }) => stateCell(item.status.state),
});

const clusters: readonly Column<Row<ClusterItem>>[] = [
  name(),
  state(),
  {
    header: 'READY',
    cell: ({ item }) => `${item.status.counts.Ready}/${item.status.assignments}`,
    align: 'right',
  },
  { header: 'SEEN', cell: ({ item, asOfMs }) => seenCell(item.status.freshness, asOfMs) },
  { header: 'LABELS', cell: ({ item }) => labelsText(item.metadata.labels), isWide: true },
  { header: 'AGENT', cell: ({ item }) => item.status.agentVersion, isWide: true },
  { header: 'KUBERNETES', cell: ({ item }) => item.status.kubernetesVersion, isWide: true },
  { header: 'NODES', cell: ({ item }) => String(item.status.nodes || ''), isWide: true, align: 'right' },
  { header: 'NOTE', cell: ({ item }) => ({ text: clusterNote(item), tone: 'quiet' }) },
  { header: 'REASON', cell: ({ item }) => reasonText(item.status.reason) },
];

const placements: readonly Column<Row<PlacementItem>>[] = [
  name(),
  state(),
  {
    header: 'READY',
    cell: ({ item }) => `${item.status.counts.Ready}/${item.status.targets}`,
    align: 'right',
  },
  { header: 'REVISION', cell: ({ item }) => revisionText(item.status.release?.commit) },
  { header: 'ROLLOUT', cell: ({ item }) => rolloutText(item) },
  { header: 'PATH', cell: ({ item }) => `${item.spec.repo}//${item.spec.path}`, isWide: true },
  { header: 'STRATEGY', cell: ({ item }) => item.spec.strategy, isWide: true },
  { header: 'DEFINED AT', cell: ({ item }) => item.spec.definedAt ?? '(left the repository)', isWide: true },
  { header: 'REASON', cell: ({ item }) => placementReason(item) },
];

const assignments: readonly Column<Row<AssignmentItem>>[] = [
  name(),
  state(),
  { header: 'OBJECTS', cell: ({ item }) => objectsText(item), align: 'right' },
  { header: 'REVISION', cell: ({ item }) => revisionText(item.spec.commit) },
  { header: 'SEEN', cell: ({ item, asOfMs }) => seenCell(item.status.freshness, asOfMs) },
  { header: 'APPLIED', cell: ({ item }) => shortId(item.status.appliedCommit ?? ''), isWide: true },
  { header: 'ROLLOUT', cell: ({ item }) => item.spec.rollout ?? '', isWide: true },
  { header: 'VERSION', cell: ({ item }) => item.spec.version, isWide: true },
  { header: 'NOTE', cell: ({ item }) => ({ text: assignmentNote(item), tone: 'quiet' }) },
  { header: 'REASON', cell: ({ item }) => reasonText(item.status.reason) },
];

const rollouts: readonly Column<Row<RolloutItem>>[] = [
  name(),
  { header: 'KIND', cell: ({ item }) => item.spec.kind },
  state(),
  { header: 'READY', cell: ({ item }) => readyText(item), align: 'right' },
  { header: 'FAILED', cell: ({ item }) => String(item.status.counts.failed), align: 'right' },
  { header: 'STAGE', cell: ({ item }) => item.status.stage },
  { header: 'REVISION', cell: ({ item }) => revisionText(item.spec.release?.commit) },
  { header: 'AGE', cell: ({ item, asOfMs }) => ageOf(item.status.plannedAtMs, asOfMs), align: 'right' },
  { header: 'TOOK', cell: ({ item }) => tookText(item), isWide: true, align: 'right' },
  { header: 'STRATEGY', cell: ({ item }) => item.spec.strategy, isWide: true },
  { header: 'AUTHOR', cell: ({ item }) => item.spec.release?.commit.author ?? '', isWide: true },
  { header: 'SUBJECT', cell: ({ item }) => item.spec.release?.commit.subject ?? '', isWide: true },
  { header: 'SIGNATURE', cell: ({ item }) => signatureText(item.spec.release?.commit), isWide: true },
  { header: 'REASON', cell: ({ item }) => reasonText(item.status.reason) },
];

const all: { readonly [Kind in ItemKind]: readonly Column<Row<ApiItems[Kind]>>[] } = {
  clusters,
  placements,
  assignments,
  rollouts,
};

/** Columns of a kind; `-o wide` has all of them. */
export function columnsOf<Kind extends ItemKind>(
  kind: Kind,
  isWide: boolean,
): readonly Column<Row<ApiItems[Kind]>>[] {
  return all[kind].filter((column) => isWide || column.isWide !== true);
}

/** A state in its tone. */
export function stateCell(state: string): Cell {
  return { text: state, tone: toneOf(state) };
}

/** `1c76476f0e4b checkout v2.4.1`; '' for none. */
export function revisionText(commit: CommitInfo | undefined): string {
  return commit === undefined ? '' : shortId(commit.id);
}

/** `1c76476f0e4b "checkout v2.4.1" by Ada Lovelace`. */
export function commitText({ id, subject, author }: CommitInfo): string {
  return `${shortId(id)} "${subject}" by ${author}`;
}

/** `signed (ssh)`, `unsigned`, or '' when nobody looked. That it is signed says nothing of who did. */
export function signatureText(commit: CommitInfo | undefined): string {
  const signature = commit?.signature;
  if (signature === undefined || signature === 'unsigned') return signature ?? '';
  return `signed (${signature})`;
}

/** `ada`, or `hub`. */
export function actorText(actor: Actor): string {
  return actor.kind === 'person' ? actor.name : 'hub';
}

/** `k=v,k=v`. */
export function labelsText(labels: { readonly [key: string]: string } = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** `Code: text`. */
export function reasonText(reason: Reasoned | undefined): string {
  return reason === undefined ? '' : `${reason.code}: ${reason.text}`;
}

/** What is special about a cluster; a simulated one says so wherever it appears. */
export function clusterNote({ spec, status }: ClusterItem): string {
  const notes: string[] = [];
  if (status.isSimulated) notes.push('SIMULATED');
  if (spec.isCordoned) notes.push('cordoned');
  if (status.driftedObjects > 0) notes.push(`${status.driftedObjects} drifted`);
  return notes.join(', ');
}

function assignmentNote({ spec, status }: AssignmentItem): string {
  const notes: string[] = [];
  if (spec.isRemoval) notes.push('being removed');
  if (status.heldPrune !== undefined) notes.push('prune held');
  if (status.drift.objects > 0) notes.push(`${status.drift.objects} drifted`);
  return notes.join(', ');
}

function objectsText({ status }: AssignmentItem): string {
  return `${status.objects.healthy}/${status.objects.total}`;
}

function rolloutText({ status }: PlacementItem): string {
  const { rollout } = status;
  if (rollout === undefined) return '';
  return `${rollout.id} ${rollout.state} ${rollout.wavesPassed}/${rollout.waves}`;
}

/** A mistake in Git comes first: it is why nothing newer is in force. */
function placementReason({ status }: PlacementItem): string {
  const [mistake] = status.errors;
  if (mistake === undefined) return reasonText(status.reason ?? status.held[0]);
  const more = status.errors.length > 1 ? ` (and ${status.errors.length - 1} more)` : '';
  return `${mistakeText(mistake)}${more}`;
}

/** `file:line:column@commit CODE text`. */
export function mistakeText({ file, line, column, commit, code, text }: GitMistake): string {
  return `${file}:${line}:${column}${commit === undefined ? '' : `@${shortId(commit)}`} ${code} ${text}`;
}

/** Clusters that are Ready, of all that the rollout has. */
export function readyText({ status }: RolloutItem): string {
  return `${status.counts.ready}/${status.counts.targets}`;
}

/** How long it took; '' while it runs. */
export function tookText({ status }: RolloutItem): string {
  return status.endedAtMs === undefined ? '' : ageOf(status.plannedAtMs, status.endedAtMs);
}
