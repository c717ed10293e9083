import { limits } from '@flotilla/shared/base';

/** What a reply of a webhook check means. */
export interface JudgedReply {
  /** `again`: it has not decided yet. `none`: this is no answer at all; it is asked again all the same. */
  readonly kind: 'passed' | 'failed' | 'again' | 'none';
  /** Its own words, or what is wrong with it; may be ''. */
  readonly text: string;
}

/** It works on it (RFC 9110, 15.3.3), or is away for a moment (15.6.4, and RFC 6585 for too many requests). */
const undecided: readonly number[] = [202, 429, 503];

/**
 * Only what says `pass: true` or `pass: false` in so many words decides; anything else is no answer, and an unanswered
 * check opens nothing (rollout design, R20).
 */
export function judgeReply({
  body,
  status,
}: {
  readonly status: number;
  readonly body: string;
}): JudgedReply {
  const said = read(body);
  const text = cut(said.text);
  if (undecided.includes(status)) {
    return { kind: 'again', text: text === '' ? `it answers ${status}` : `it answers ${status}: ${text}` };
  }
  if (status >= 300 && status < 400) {
    return { kind: 'none', text: `it answers ${status}, a redirect, which is not followed` };
  }
  if (status < 200 || status > 299) {
    return { kind: 'none', text: text === '' ? `it answers ${status}` : `it answers ${status}: ${text}` };
  }
  if (said.pass === undefined)
    return { kind: 'none', text: `it answers ${status} without {"pass": true or false}` };
  return { kind: said.pass ? 'passed' : 'failed', text };
}

/** What a body says, as far as it is what was asked for. */
function read(body: string): { readonly pass: boolean | undefined; readonly text: string } {
  const value = parse(body);
  if (typeof value !== 'object' || value === null) return { pass: undefined, text: '' };
  const pass = 'pass' in value && typeof value.pass === 'boolean' ? value.pass : undefined;
  return { pass, text: 'text' in value && typeof value.text === 'string' ? value.text : '' };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** One line that fits where reasons are shown. */
function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > limits.reasonTextMax ? `${line.slice(0, limits.reasonTextMax - 1)}…` : line;
}
