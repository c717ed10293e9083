import { grouped } from '@flotilla/shared/base';
import type { FailureGroup } from '@flotilla/shared/model';
import type { Painter } from './colour.ts';
import { cutTo, printable } from './printable.ts';

export { grouped, plural } from '@flotilla/shared/base';

const textMax = 100;

/** Failures grouped by cause, each with its count and one example. */
export function failureLines(failures: readonly FailureGroup[], paint: Painter): readonly string[] {
  const countWidth = Math.max(0, ...failures.map(({ count }) => String(count).length));
  return failures.flatMap(({ reason, text, count, example }) => {
    const place = [example.object, `${example.cluster}/${example.placement}`].filter((part) => part !== '');
    const times = `${count}`.padStart(countWidth);
    return [
      `  ${paint(`${times} ×`, 'bad')} ${printable(reason)}: ${cutTo(printable(text), textMax)}`,
      `  ${' '.repeat(countWidth)}   ${paint(`e.g. ${printable(place.join(' on '))}`, 'quiet')}`,
    ];
  });
}

const order: readonly string[] = [
  'Ready',
  'Succeeded',
  'Progressing',
  'Soaking',
  'Gated',
  'Planned',
  'Pending',
  'Suspended',
  'Unknown',
  'Degraded',
  'Halted',
  'Stalled',
  'Superseded',
  'Cancelled',
];

/** Counts by state, one line for each that is not zero: what is well, what moves, what is not well. */
export function stateLines(
  states: { readonly [state: string]: number },
  toned: (state: string) => string,
): readonly string[] {
  const shown = Object.entries(states)
    .filter(([, count]) => count > 0)
    .sort(([left], [right]) => order.indexOf(left) - order.indexOf(right));
  const nameWidth = Math.max(0, ...shown.map(([state]) => state.length));
  const countWidth = Math.max(0, ...shown.map(([, count]) => grouped(count).length));
  return shown.map(([state, count]) => {
    const padding = ' '.repeat(nameWidth - state.length);
    return `  ${toned(state)}${padding}  ${grouped(count).padStart(countWidth)}`;
  });
}
