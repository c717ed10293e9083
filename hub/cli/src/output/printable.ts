/** Controls, invisible marks, and those that reorder text. */
const unsafe = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * Text from Git and agents as a terminal may show it: on one line, without control characters, so that no message can
 * move the cursor, change colours or read backwards.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\t\r\n]+/g, ' ').replaceAll(unsafe, '\ufffd');
}

/** JSON whose text is safe in a terminal: JSON.stringify leaves DEL, C1 controls and invisible marks as they are. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(unsafe, (mark) =>
    mark === '\n' ? mark : escaped(mark),
  );
}

function escaped(mark: string): string {
  const units = Array.from({ length: mark.length }, (_, index) => mark.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const narrowText = /^[\u0020-\u02ff]*$/;

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  if (narrowText.test(text)) return text.length;
  let width = 0;
  for (const letter of text) {
    if (/\p{M}/u.test(letter)) continue;
    width += wide.test(letter) ? 2 : 1;
  }
  return width;
}

/** The text cut to so many columns, with `…` where something is missing. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const letter of text) {
    width += widthOf(letter);
    if (width > columns - 1) break;
    kept += letter;
  }
  return `${kept}…`;
}
