import {
  err,
  ok,
  parseClusterName,
  parseDurationMs,
  parsePlacementName,
  type Result,
} from '@flotilla/shared/base';
import type { Amount } from '@flotilla/shared/model';
import { type Cron, parseCron, zoneOf } from '../../schedule/index.ts';
import { z } from './zod.ts';

/** A text that a parser of ours accepts; its complaint becomes the error. */
function parsedText<T>(parse: (text: string) => Result<T, string>) {
  return z.string().transform((text, context): T => {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.error });
    return z.NEVER;
  });
}

/** A text that must match; `rule` completes the sentence "X is not …". */
function matchingText(pattern: RegExp, rule: string) {
  return z.string().refine((text) => pattern.test(text), {
    error: (issue) => `${JSON.stringify(String(issue.input).slice(0, 80))} is not ${rule}`,
  });
}

/** `30s`, `10m`, `1h30m`; becomes milliseconds. */
export const duration = parsedText(parseDurationMs).meta({
  description: 'A duration: 30s, 10m, 1h30m, 14d.',
});
/** Name of a cluster. */
export const clusterName = parsedText(parseClusterName);
/** Name of a placement. */
export const placementName = parsedText(parsePlacementName);
/** Name of any other document, stage or namespace: a DNS-1123 label. */
export const dnsLabel = matchingText(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  'a DNS-1123 label (1 to 63 of a-z, 0-9 and "-", starting and ending with a letter or digit)',
);
/** Key of a label or taint, as Kubernetes takes it. */
export const labelKey = matchingText(
  /^(?=.{1,317}$)([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  'a label key (an optional DNS prefix and "/", then up to 63 letters, digits, "-", "_" or ".")',
);
/** Value of a label, as Kubernetes takes it. */
export const labelValue = matchingText(
  /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
  'a label value (up to 63 letters, digits, "-", "_" or ".", starting and ending with a letter or digit)',
);
/** RFC 6901, not the whole document. */
export const jsonPointer = matchingText(
  /^(\/([^~/]|~[01])*)+$/,
  'a JSON pointer such as /spec/replicas (RFC 6901)',
);
/** A name that credentials, refs and the like are known by. */
export const plainName = matchingText(
  /^[A-Za-z0-9][-A-Za-z0-9_./]{0,200}$/,
  'a name (letters, digits, "-", "_", "." and "/")',
);
/** A ref or a range of versions; which of both is told apart later. */
export const refText = matchingText(
  /^(?!.*\.\.)[!-~]([ -~]{0,198}[!-~])?$/,
  'a ref: the name of a branch or tag, or a commit id',
);
/** A commit, named by its id or the beginning of it. */
export const commitText = matchingText(
  /^[0-9a-f]{7,64}$/,
  'a commit id, or at least its first 7 characters (quote one that is all digits)',
);
/** `2026-12-01` (its first moment, UTC) or `2026-12-01T08:00:00+01:00`; becomes milliseconds since 1970. */
export const pointInTime = parsedText(parsePointInTime);
/** Times that repeat, as crontab(5) writes them. */
export const cronText = parsedText((text): Result<Cron, string> => {
  const parsed = parseCron(text);
  return parsed.ok ? parsed : err(`${JSON.stringify(text.slice(0, 80))} ${parsed.error}`);
}).meta({
  description: 'Five fields as in crontab(5), or six with seconds before them: "0 20 * * mon-fri".',
});
/** Name of a time zone that this program knows. */
export const timeZone = parsedText((text): Result<string, string> => {
  const found = zoneOf(text);
  return found.ok ? ok(text) : found;
}).meta({ description: 'A time zone of the IANA database: Europe/Paris. Default: UTC.' });
/** Any text with something in it. */
export const someText = z.string().min(1, 'must not be empty').max(4_096, 'is longer than 4096 characters');
/** A folder inside a repository; becomes a path without leading, trailing or double slashes, `` for the root. */
export const repositoryPath = parsedText(parseRepositoryPath);
/** A count (`3`) or a percentage (`25%`). */
export const amount = z
  .union([z.number(), z.string()], { error: 'must be a count such as 3 or a percentage such as 25%' })
  .transform((value, context): Amount => {
    const parsed = parseAmount(value);
    if (parsed.ok) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.error });
    return z.NEVER;
  });
/** A percentage (`80%`); becomes its number. */
export const percentage = parsedText(parsePercent);

/** Which objects; what is not given matches all. */
export const objectTarget = z.strictObject({
  group: z.string().optional(),
  version: z.string().optional(),
  kind: someText.optional(),
  name: someText.optional(),
  namespace: dnsLabel.optional(),
  labelSelector: someText.optional(),
});

/** Any YAML value; checked to be JSON when it is turned to text. */
export const anyValue = z.unknown();
/** A mapping with anything in it. */
export const anyMapping = z.record(z.string(), z.unknown());

/** metadata of every document. */
export function metadata<Name extends z.ZodType>(name: Name) {
  return z.strictObject({
    name,
    labels: z.record(labelKey, labelValue).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  });
}

function parseRepositoryPath(text: string): Result<string, string> {
  const bad = (why: string) => ({
    ok: false as const,
    error: `${JSON.stringify(text.slice(0, 120))} is not a path inside the repository: ${why}`,
  });
  if (text.startsWith('/')) return bad('it must not start with "/"');
  if (text.includes('\\')) return bad('it holds a backslash');
  if (hasControlCharacter(text)) return bad('it holds a control character');
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return bad('it must not leave the repository with ".."');
  if (parts.some((part) => part.toLowerCase() === '.git')) return bad('it names .git');
  return { ok: true, value: parts.join('/') };
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) if (character < ' ' || character === '\u007f') return true;
  return false;
}

function parsePointInTime(text: string): Result<number, string> {
  const isDay = z.iso.date().safeParse(text).success;
  const isMoment = z.iso.datetime({ offset: true }).safeParse(text).success;
  if (isDay || isMoment) return { ok: true, value: Date.parse(isDay ? `${text}T00:00:00Z` : text) };
  const shown = JSON.stringify(text.slice(0, 40));
  return {
    ok: false,
    error: `${shown} is not a day such as 2026-12-01, nor a time with its zone such as 2026-12-01T08:00:00+01:00`,
  };
}

function parseAmount(value: number | string): Result<Amount, string> {
  if (typeof value === 'string') {
    const percent = parsePercent(value);
    return percent.ok ? { ok: true, value: { kind: 'percent', percent: percent.value } } : percent;
  }
  if (Number.isSafeInteger(value) && value >= 0) return { ok: true, value: { kind: 'count', count: value } };
  return { ok: false, error: `${value} is not a whole number of at least 0` };
}

function parsePercent(text: string): Result<number, string> {
  const complaint = `${JSON.stringify(text.slice(0, 20))} is not a percentage from 0% to 100%`;
  if (!/^[0-9]{1,3}%$/.test(text)) return { ok: false, error: complaint };
  const percent = Number(text.slice(0, -1));
  return percent <= 100 ? { ok: true, value: percent } : { ok: false, error: complaint };
}
