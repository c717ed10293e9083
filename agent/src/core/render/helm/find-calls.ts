/** A function that a template calls. */
export interface TemplateCall {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  /** In characters from 0, as Go's templates count it. */
  readonly column: number;
  /** Index in the text. */
  readonly at: number;
}

/**
 * Calls of the named functions inside the actions (`{{ … }}`) of a Go template, in order. Texts, comments, fields
 * (`.lookup`) and variables (`$lookup`) are no calls.
 */
export function findCalls(text: string, names: ReadonlySet<string>): readonly TemplateCall[] {
  const calls: TemplateCall[] = [];
  let line = 1;
  let lineStart = 0;
  let seen = 0;
  for (const word of wordsOf(text)) {
    if (!names.has(word.text)) continue;
    for (let next = text.indexOf('\n', seen); next >= 0 && next < word.at; next = text.indexOf('\n', seen)) {
      line += 1;
      lineStart = next + 1;
      seen = lineStart;
    }
    calls.push({ name: word.text, line, column: word.at - lineStart, at: word.at });
  }
  return calls;
}

/** What may stand in an action: texts and comments, which are passed over, its end, and words with what is before them. */
const token =
  /"(?:\\.|[^"\\])*(?:"|$)|`[^`]*(?:`|$)|'(?:\\.|[^'\\])*(?:'|$)|\/\*[\s\S]*?\*\/|\}\}|[.$]?[\p{L}_][\p{L}\p{N}_.]*/gu;

function* wordsOf(text: string): Generator<{ readonly text: string; readonly at: number }> {
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', token.lastIndex)) {
    token.lastIndex = open + 2;
    for (;;) {
      const found = token.exec(text);
      if (found === null) return;
      const [word] = found;
      if (word === '}}') break;
      if (/^[\p{L}_]/u.test(word)) yield { text: word, at: found.index };
    }
  }
}
