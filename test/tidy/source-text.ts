/** A source text in which comments, and in `code` also the insides of strings, are blanked out. */
export interface BlankedText {
  /** Comments blanked; strings kept. */
  readonly withoutComments: string;
  /** Comments and the contents of strings, templates and regular expressions blanked. */
  readonly code: string;
}

type Part = 'code' | 'comment' | 'text';

/**
 * Splits TypeScript into code, comments and literals without a parser, keeping every position and line.
 * It knows as much of the grammar as the tidy rules need: escapes, nested templates, and where a slash can
 * begin a regular expression.
 */
export function blankOut(source: string): BlankedText {
  const parts = new Scanner(source).scan();
  let withoutComments = '';
  let code = '';
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at);
    const blank = char === '\n' ? '\n' : ' ';
    withoutComments += parts[at] === 'comment' ? blank : char;
    code += parts[at] === 'code' ? char : blank;
  }
  return { withoutComments, code };
}

/** The 1-based line of a position. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

class Scanner {
  readonly #source: string;
  readonly #parts: Part[] = [];
  /** Depth of braces in each `${` that is open, innermost last. */
  readonly #holes: number[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  scan(): readonly Part[] {
    while (this.#at < this.#source.length) this.#step();
    return this.#parts;
  }

  #step(): void {
    const two = this.#source.substr(this.#at, 2);
    const char = this.#source.charAt(this.#at);
    if (two === '//') this.#take('comment', this.#find('\n'));
    else if (two === '/*') this.#take('comment', this.#find('*/', 2) + 2);
    else if (char === "'" || char === '"') this.#takeQuoted(char);
    else if (char === '`') this.#takeTemplate();
    else if (char === '/' && this.#canBeginPattern()) this.#takePattern();
    else this.#takeCode(char);
  }

  #takeCode(char: string): void {
    const depth = this.#holes.at(-1);
    this.#take('code', this.#at + 1);
    if (depth === undefined) return;
    if (char === '{') this.#holes[this.#holes.length - 1] = depth + 1;
    if (char !== '}') return;
    if (depth > 0) this.#holes[this.#holes.length - 1] = depth - 1;
    else {
      this.#holes.pop();
      this.#takeTemplateText();
    }
  }

  #take(part: Part, end: number): void {
    const stop = Math.min(end, this.#source.length);
    while (this.#at < stop) {
      this.#parts.push(part);
      this.#at += 1;
    }
  }

  #find(text: string, skip = 0): number {
    const found = this.#source.indexOf(text, this.#at + skip);
    return found < 0 ? this.#source.length : found;
  }

  #takeQuoted(quote: string): void {
    this.#take('code', this.#at + 1);
    while (this.#at < this.#source.length && this.#source.charAt(this.#at) !== quote) this.#takeTextChar();
    this.#take('code', this.#at + 1);
  }

  #takeTextChar(): void {
    this.#take('text', this.#at + (this.#source.charAt(this.#at) === '\\' ? 2 : 1));
  }

  #takeTemplate(): void {
    this.#take('code', this.#at + 1);
    this.#takeTemplateText();
  }

  #takeTemplateText(): void {
    while (this.#at < this.#source.length) {
      if (this.#source.charAt(this.#at) === '`') {
        this.#take('code', this.#at + 1);
        return;
      }
      if (this.#source.startsWith('${', this.#at)) {
        this.#take('code', this.#at + 2);
        this.#holes.push(0);
        return;
      }
      this.#takeTextChar();
    }
  }

  /** A slash divides after a value, and begins a regular expression after anything else. */
  #canBeginPattern(): boolean {
    let before = this.#at - 1;
    while (before >= 0 && (this.#parts[before] !== 'code' || /\s/.test(this.#source.charAt(before))))
      before -= 1;
    if (before < 0) return true;
    if (!/[\w$)\]}'"`]/.test(this.#source.charAt(before))) return true;
    const word = /[\w$]+$/.exec(this.#source.slice(Math.max(0, before - 12), before + 1))?.[0];
    return word !== undefined && ['return', 'typeof', 'case', 'in', 'of', 'yield', 'await'].includes(word);
  }

  #takePattern(): void {
    this.#take('code', this.#at + 1);
    let isInClass = false;
    while (this.#at < this.#source.length) {
      const char = this.#source.charAt(this.#at);
      if (char === '\n' || (char === '/' && !isInClass)) break;
      if (char === '[') isInClass = true;
      if (char === ']') isInClass = false;
      this.#takeTextChar();
    }
    this.#take('code', this.#at + 1);
  }
}
