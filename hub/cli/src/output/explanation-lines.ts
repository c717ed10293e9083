import type { Explanation } from '@flotilla/shared/model';
import { ageOf, seenCell } from './age.ts';
import { commitText, reasonText, stateCell } from './columns.ts';
import { Page, type PageOptions } from './describe/page.ts';
import { printable } from './printable.ts';

/** Why a placement is, or is not, on a cluster as it is, on one screen. */
export function explanationLines(explained: Explanation, options: PageOptions): readonly string[] {
  const { cluster, exclusions, freshness, placement, reason, state, wanted } = explained;
  const page = new Page(options);
  page.details([
    ['Cluster', cluster],
    ['Placement', placement],
    ['Rule', explained.definedAt ?? 'in no file in force'],
    ['Takes it', takesText(explained)],
    ['Asked for', wanted === undefined ? 'nothing' : commitText(wanted.commit)],
    ['Told last', hasText(explained, options.asOfMs)],
    ['State', state === undefined ? '' : stateCell(state)],
    ['Seen', seenCell(freshness, options.asOfMs)],
    ['Why', reasonText(reason)],
  ]);
  page.section(
    'Terms that say no',
    exclusions.map(({ text }) => `  ${printable(text)}`),
  );
  page.next(explained.next);
  return page.lines;
}

/** What keeps a placement away from a cluster, term by term, with what would have to change. */
export function whyNotLines(explained: Explanation, options: PageOptions): readonly string[] {
  const { cluster, exclusions, isSelected, placement, reason } = explained;
  const page = new Page(options);
  page.details([
    ['Cluster', cluster],
    ['Placement', placement],
    ['Rule', explained.definedAt ?? 'in no file in force'],
    ['Takes it', takesText(explained)],
    ['Why', isSelected === true ? '' : reasonText(reason)],
  ]);
  page.section(
    'Terms that say no',
    exclusions.flatMap(({ change, text }) => [
      `  ${printable(text)}`,
      ...(change === undefined ? [] : [`      to change it: ${printable(change)}`]),
    ]),
  );
  page.next(isSelected === true ? `flotilla why ${cluster} ${placement}` : explained.next);
  return page.lines;
}

function takesText({ exclusions, isSelected }: Explanation): string {
  if (isSelected === undefined) return 'not known yet: this hub process has not looked';
  if (isSelected) return 'yes';
  return exclusions.length === 0 ? 'no' : `no, ${exclusions.length} of its terms say so`;
}

function hasText({ has, wanted }: Explanation, asOfMs: number): string {
  if (has === undefined) return 'nothing yet';
  const since = `${ageOf(has.issuedAtMs, asOfMs)} ago by ${has.rollout}`;
  if (has.isRemoval) return `to remove it, ${since}`;
  const isSame = has.variantDigest !== undefined && has.variantDigest === wanted?.variantDigest;
  const commit = has.commit === undefined ? '' : commitText(has.commit);
  return `${isSame ? 'the same' : commit}, ${since}`;
}
