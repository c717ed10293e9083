import { formatDurationMs, shortId } from '@flotilla/shared/base';
import type { AssignmentItem, Cause, CommitInfo, Described, HeldPrune } from '@flotilla/shared/model';
import { ageOf, seenCell } from '../age.ts';
import { commitText, reasonText, stateCell } from '../columns.ts';
import { printable } from '../printable.ts';
import { failingLines, objectText, Page, type PageOptions } from './page.ts';

/** The page of one placement on one cluster: what it is told, what came of it, what is wrong with which object. */
export function assignmentPage({ item }: Described<AssignmentItem>, options: PageOptions): readonly string[] {
  const { spec, status } = item;
  const { asOfMs } = options;
  const { objects, timings, drift } = status;
  const page = new Page(options);
  page.details([
    ['Assignment', item.metadata.name],
    ['State', stateCell(status.state)],
    ['Reason', reasonText(status.reason)],
    ['Seen', seenCell(status.freshness, asOfMs)],
    ['Healthy for', status.healthyForMs > 0 ? formatDurationMs(status.healthyForMs) : ''],
    ['Told', spec.isRemoval ? 'to remove it' : toldText(spec.commit, asOfMs)],
    ['Applied', appliedText(item)],
    ['Because of', causeText(spec.cause)],
    ['Rollout', spec.rollout],
    ['Version', spec.version],
    [
      'Objects',
      `${objects.total}: ${objects.applied} applied, ${objects.healthy} healthy, ${objects.failing} failing`,
    ],
    ['Took', timings.rowToAppliedMs > 0 ? timesText(item) : ''],
    ['Drift', driftText(item)],
  ]);
  page.section('Failing objects', failingLines(status.failing, options.paint));
  page.section('Drift, newest', drift.latest === '' ? [] : [`  ${printable(drift.latest)}`]);
  page.section(
    'Others keep changing',
    drift.fights.map((fight) => `  ${printable(fight)}`),
  );
  page.section(
    'Wanted by others, too',
    (status.contested ?? []).map((one) => `  ${printable(`${objectText(one)}  by ${one.placement}`)}`),
  );
  const { heldPrune } = status;
  page.section('Deletes that wait for a person', heldPrune === undefined ? [] : heldPruneLines(heldPrune));
  page.next(
    heldPrune === undefined
      ? `flotilla describe placement ${spec.placement}`
      : `flotilla rollout approve-prune ${spec.placement} --cluster ${spec.cluster} --hash ${shortId(heldPrune.listHash)}`,
  );
  return page.lines;
}

function toldText(commit: CommitInfo | undefined, asOfMs: number): string {
  if (commit === undefined) return 'nothing yet';
  return `${commitText(commit)}, ${ageOf(commit.committedAtS * 1_000, asOfMs)} ago`;
}

function appliedText({ spec, status }: AssignmentItem): string {
  const { appliedCommit } = status;
  if (appliedCommit === undefined) return 'nothing yet';
  return appliedCommit === spec.commit?.id ? 'the same' : shortId(appliedCommit);
}

/** What made a row or a rollout. */
export function causeText(cause: Cause | undefined): string {
  if (cause === undefined) return '';
  return cause.kind === 'commit' ? `commit ${shortId(cause.commit)}` : `decision ${cause.event}`;
}

function timesText({ status: { timings } }: AssignmentItem): string {
  const ready = timings.rowToReadyMs > 0 ? `, ready after ${formatDurationMs(timings.rowToReadyMs)}` : '';
  const parts = `fetch ${formatDurationMs(timings.fetchMs)}, render ${formatDurationMs(timings.renderMs)}, apply ${formatDurationMs(timings.applyMs)}`;
  return `${formatDurationMs(timings.rowToAppliedMs)} to applied${ready} (${parts})`;
}

function driftText({ status: { drift } }: AssignmentItem): string {
  if (drift.objects === 0 && drift.corrected === 0) return '';
  return `${drift.objects} objects differ now, ${drift.corrected} corrected`;
}

/** What an agent would delete if somebody allowed it, and why it asks. */
export function heldPruneLines(held: HeldPrune): readonly string[] {
  const more = held.total - held.objects.length;
  const lines = [
    `  ${held.reason}`,
    ...held.objects.map((object) => `    ${object}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
    `  list ${shortId(held.listHash)}`,
  ];
  return lines.map(printable);
}
