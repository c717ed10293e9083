import { err, limits, ok, type Result } from '@flotilla/shared/base';

/** One term of a selector. `notIn` and `absent` hold where the key is absent, as in Kubernetes. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notIn' | 'exists' | 'absent';
  /** Empty for `exists` and `absent`. */
  readonly values: readonly string[];
}

const keyPattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_./]{0,315}[A-Za-z0-9])?$/;
const valuePattern = /^[-A-Za-z0-9_./+:]{0,253}$/;
const grammar = 'write k=v, k!=v, "k in (a,b)", "k notin (a,b)", k or !k, joined by commas';

/**
 * Reads a selector in the grammar that kubectl has for labels: `env=prod,tier in (web,db),!legacy`. '' selects all.
 * The error says which term is wrong.
 */
export function parseSelector(text: string): Result<readonly Requirement[], string> {
  const terms = splitTerms(text);
  if (terms.length > limits.apiSelectorTermsMax) {
    return err(`has ${terms.length} terms; at most ${limits.apiSelectorTermsMax} are allowed`);
  }
  const requirements: Requirement[] = [];
  for (const term of terms) {
    const read = parseTerm(term);
    if (!read.ok) return read;
    requirements.push(read.value);
  }
  return ok(requirements);
}

/** True when every requirement holds; `lookUp` gives the value behind a key, undefined = absent. */
export function meetsAll(
  requirements: readonly Requirement[],
  lookUp: (key: string) => string | undefined,
): boolean {
  return requirements.every((one) => meets(one, lookUp(one.key)));
}

/** The value that a key must have when the selector allows exactly one. */
export function onlyValue(requirements: readonly Requirement[], key: string): string | undefined {
  const found = requirements.find((one) => one.key === key && one.operator === 'in');
  return found?.values.length === 1 ? found.values[0] : undefined;
}

function meets({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notIn':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
  }
}

/** Splits at commas that stand outside of parentheses; empty text has no terms. */
function splitTerms(text: string): readonly string[] {
  if (text.trim() === '') return [];
  const terms: string[] = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === ',' && depth === 0) terms.push('');
    else terms[terms.length - 1] += letter;
  }
  return terms.map((term) => term.trim());
}

function parseTerm(term: string): Result<Requirement, string> {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set) return withValues(term, set[1] ?? '', set[2] === 'in' ? 'in' : 'notIn', set[3] ?? '');
  const equals = /^([^!=\s]+)\s*(==|=|!=)\s*([^!=\s]*)$/.exec(term);
  if (equals) return withValues(term, equals[1] ?? '', equals[2] === '!=' ? 'notIn' : 'in', equals[3] ?? '');
  const bare = /^(!?)\s*([^!=\s()]+)$/.exec(term);
  if (!bare) return err(`${quote(term)} is not a term: ${grammar}`);
  const key = bare[2] ?? '';
  if (!keyPattern.test(key)) return err(`${quote(key)} is not a key`);
  return ok({ key, operator: bare[1] === '!' ? 'absent' : 'exists', values: [] });
}

function withValues(
  term: string,
  key: string,
  operator: 'in' | 'notIn',
  text: string,
): Result<Requirement, string> {
  if (!keyPattern.test(key)) return err(`${quote(key)} in ${quote(term)} is not a key`);
  const values = text.split(',').map((value) => value.trim());
  const wrong = values.find((value) => !valuePattern.test(value));
  if (wrong !== undefined) return err(`${quote(wrong)} in ${quote(term)} is not a value`);
  return ok({ key, operator, values });
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
