import type { ClusterItem, Described } from '@flotilla/shared/model';
import { ageOf, seenCell } from '../age.ts';
import { toneOf } from '../colour.ts';
import { clusterNote, labelsText, reasonText, stateCell } from '../columns.ts';
import { stateLines } from '../count-lines.ts';
import { assignmentColumns, Page, type PageOptions } from './page.ts';

/** The page of a cluster: is it there, what is on it, what is wrong. */
export function clusterPage(described: Described<ClusterItem>, options: PageOptions): readonly string[] {
  const { item, assignments, more } = described;
  const { metadata, spec, status } = item;
  const { asOfMs, paint } = options;
  const page = new Page(options);
  page.details([
    ['Cluster', metadata.name],
    ['State', stateCell(status.state)],
    ['Reason', reasonText(status.reason)],
    ['Note', clusterNote(item)],
    ['Stream', `${status.presence} for ${ageOf(status.presenceSinceMs, asOfMs)}`],
    ['Seen', seenCell(status.freshness, asOfMs)],
    ['Labels', labelsText(metadata.labels)],
    ['Taints', spec.taints.map(({ key, value }) => (value === '' ? key : `${key}=${value}`)).join(', ')],
    ['Kubernetes', versionText(item)],
    ['Agent', status.agentVersion],
    ['Joined', metadata.createdAtMs === undefined ? '' : `${ageOf(metadata.createdAtMs, asOfMs)} ago`],
    ['Uid', metadata.uid],
  ]);
  page.section(
    `Assignments (${status.assignments})`,
    stateLines(status.counts, (state) => paint(state, toneOf(state))),
  );
  const rows = assignments.map((one) => ({ item: one, asOfMs }));
  page.table(more > 0 ? `Worst ${rows.length}` : 'On this cluster', assignmentColumns('cluster'), rows);
  page.failures(status.failures);
  page.next(nextFor(described));
  return page.lines;
}

function versionText({ status }: ClusterItem): string {
  if (status.kubernetesVersion === '') return '';
  return status.nodes === 0 ? status.kubernetesVersion : `${status.kubernetesVersion}, ${status.nodes} nodes`;
}

function nextFor({ item, assignments, more }: Described<ClusterItem>): string {
  const { name } = item.metadata;
  const [worst] = assignments;
  if (more > 0) return `flotilla get assignments --field cluster=${name} --all`;
  if (worst !== undefined && worst.status.state !== 'Ready') {
    return `flotilla describe assignment ${worst.metadata.name}`;
  }
  return `flotilla get assignments --field cluster=${name}`;
}
