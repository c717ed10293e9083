import { shortId } from '@flotilla/shared/base';
import type {
  ClusterNames,
  PlacementPlan,
  PlannedRollout,
  PlanPoint,
  PlanPreview,
  VariantChange,
} from '@flotilla/shared/model';
import type { Painter } from './colour.ts';
import { commitText, mistakeText, reasonText } from './columns.ts';
import { plural } from './count-lines.ts';
import { printable } from './printable.ts';
import { detailLines } from './table.ts';

/** What a state of Git would do, on one screen for a small change. */
export function planLines(
  plan: PlanPreview,
  diff: string | undefined,
  { paint }: { readonly paint: Painter },
): readonly string[] {
  const { assumptions, conflicts, errors, placements, unchanged } = plan;
  const count = placements.length === 0 ? 'none' : String(placements.length);
  return [
    ...detailLines(
      [
        ['Plan', shortId(plan.id)],
        ['From', pointText(plan.before)],
        ['To', pointText(plan.after)],
        ['Placements', `${count} would change, ${unchanged} would not`],
      ],
      paint,
    ),
    ...section('Mistakes (these files would not come into force)', errors.map(mistakeText), paint),
    ...section('Asks a person first', plan.approvals.map(reasonText), paint),
    ...placements.flatMap((one) => ['', ...placementLines(one, paint)]),
    ...section(
      'Conflicts (the same path, rendered alike, on the same clusters)',
      conflicts.map((one) => `${one.placements.join(', ')}  ${one.path}  ${namesText(one.clusters)}`),
      paint,
    ),
    ...(diff === undefined || diff === ''
      ? []
      : ['', ...diff.split('\n').map((line) => diffLine(line, paint))]),
    ...section('Taken for granted', assumptions, paint),
  ];
}

function section(heading: string, lines: readonly string[], paint: Painter): readonly string[] {
  return lines.length === 0
    ? []
    : ['', paint(heading, 'strong'), ...lines.map((line) => `  ${printable(line)}`)];
}

function pointText({ commit, treeId }: PlanPoint): string {
  if (commit !== undefined) return commitText(commit);
  return treeId === undefined ? 'what is in force' : `the working tree (${shortId(treeId)})`;
}

function placementLines(plan: PlacementPlan, paint: Painter): readonly string[] {
  const { added, approvals, blocked, changed, removed, rollouts, unresolved, variants, waits } = plan;
  const where = plan.definedAt === undefined ? '' : `  ${plan.definedAt}`;
  const counts = [
    ['+', 'would get it', added],
    ['-', 'would lose it', removed],
    ['~', 'would change', changed],
  ] as const;
  return [
    `${paint(plan.placement, 'strong')}  ${plan.change}${where}`,
    ...unresolved.map((one) => `  keeps its last state: ${printable(reasonText(one))}`),
    ...counts
      .filter(([, , names]) => names.count > 0)
      .map(([sign, what, names]) => `  ${sign} ${what}: ${namesText(names)}`),
    ...blocked.map(
      ({ clusters, reason }) => `  ! cannot get it: ${namesText(clusters)}: ${printable(reason.text)}`,
    ),
    ...variants.flatMap(variantLines),
    ...rollouts.flatMap(rolloutLines),
    ...approvals.map((one) => `  asks   ${printable(reasonText(one))}`),
    ...waits.map((one) => `  waits  ${printable(reasonText(one))}`),
  ];
}

function variantLines({
  after,
  before,
  clusters,
  files,
  moreFiles,
  parts,
}: VariantChange): readonly string[] {
  if (before === undefined || after === undefined) return [];
  const step = `${shortId(before)} -> ${shortId(after)}`;
  return [
    `  ${plural(clusters.count, 'cluster')} ${step}: ${parts.join(', ')}`,
    ...files.map((file) => `      ${signOf(file)} ${printable(file.path)}`),
    ...(moreFiles > 0 ? [`      and ${plural(moreFiles, 'more file')}`] : []),
  ];
}

function signOf({ after, before }: VariantChange['files'][number]): string {
  if (before === undefined) return 'A';
  return after === undefined ? 'D' : 'M';
}

function rolloutLines({
  clusters,
  duration,
  kind,
  strategy,
  waves,
  windows,
}: PlannedRollout): readonly string[] {
  const takes = `${timeText(duration.atLeastMs)} to ${timeText(duration.atMostMs)}`;
  return [
    `  ${kind} by ${strategy}: ${plural(clusters, 'cluster')} in ${plural(waves.length, 'wave')}, ${takes}`,
    ...waves.map(
      (wave, index) =>
        `      ${index + 1} ${wave.stage}${wave.isAway ? ' (away)' : ''}: ${namesText(wave.clusters)}`,
    ),
    ...windows.map((one) => `      closed now: ${namesText(one.clusters)}: ${printable(one.text)}`),
  ];
}

const shownMax = 5;

/** `3 (a, b, c)`; of many the first ones. */
function namesText({ count, names }: ClusterNames): string {
  const more = count > shownMax ? ', ...' : '';
  return `${count} (${printable(names.slice(0, shownMax).join(', '))}${more})`;
}

/** `1h10m`, `45s`; 0s for none. */
function timeText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return shown.length === 0 ? '0s' : shown.join('');
}

function diffLine(line: string, paint: Painter): string {
  if (line.startsWith('+')) return paint(printable(line), 'good');
  return line.startsWith('-') ? paint(printable(line), 'bad') : printable(line);
}
