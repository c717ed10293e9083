/** The one place where the colour library enters. Colour is never the only sign: the words say the same. */
import colours from 'picocolors';

/** How a word is shown. */
export type Tone = 'plain' | 'good' | 'moving' | 'bad' | 'unknown' | 'quiet' | 'strong';

/** Puts a tone around a text, or leaves it as it is. */
export type Painter = (text: string, tone: Tone) => string;

/** A painter for a stream that is a terminal or not. NO_COLOR, FORCE_COLOR and TERM=dumb are obeyed. */
export function painterFor(
  env: { readonly [name: string]: string | undefined },
  isTerminal: boolean,
): Painter {
  const isForced = (env['FORCE_COLOR'] ?? '') !== '';
  const isForbidden = (env['NO_COLOR'] ?? '') !== '' || env['FORCE_COLOR'] === '0';
  const isTerminalWithColours = isTerminal && env['TERM'] !== 'dumb';
  const palette = colours.createColors(!isForbidden && (isForced || isTerminalWithColours));
  const paints: { readonly [tone in Tone]: (text: string) => string } = {
    plain: (text) => text,
    good: palette.green,
    moving: palette.cyan,
    bad: palette.red,
    unknown: palette.magenta,
    quiet: palette.dim,
    strong: palette.bold,
  };
  return (text, tone) => paints[tone](text);
}

const tones: { readonly [state: string]: Tone } = {
  Ready: 'good',
  Succeeded: 'good',
  Progressing: 'moving',
  Soaking: 'moving',
  Degraded: 'bad',
  Stalled: 'bad',
  Halted: 'bad',
  Unknown: 'unknown',
};

/** The tone of a state of anything. */
export function toneOf(state: string): Tone {
  return tones[state] ?? 'quiet';
}
