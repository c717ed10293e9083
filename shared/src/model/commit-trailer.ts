import { parsePlacementName } from '../base/index.ts';
import type { UrgentFor } from './assignment.ts';

/** More names in one trailer are a mistake, and bound what every decision about the commit carries. */
const namesMax = 50;

/**
 * What a commit's message calls urgent by the trailer `Flotilla-Urgent`: `true` = every placement whose rollout begins
 * with this commit, names = those placements alone. Trailers stand in the last paragraph, and never in the subject
 * (git-interpret-trailers). Undefined = nothing; so is a text that is no name.
 */
export function urgentIn(message: string): UrgentFor | undefined {
  const paragraphs = message.trim().split(/\n[ \t]*\n/);
  const last = paragraphs.length > 1 ? (paragraphs.at(-1) ?? '') : '';
  const values = [...last.matchAll(/^flotilla-urgent[ \t]*:[ \t]*(.*)$/gim)].map(([, value = '']) =>
    value.trim(),
  );
  if (values.some((value) => value.toLowerCase() === 'true')) return 'all';
  const words = values.flatMap((value) => value.split(/[,\s]+/)).filter((word) => word !== 'false');
  const names = new Set(words.filter((word) => parsePlacementName(word).ok));
  return names.size === 0 ? undefined : [...names].sort().slice(0, namesMax);
}
