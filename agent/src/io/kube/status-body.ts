import type { KubeErrorCause } from '../../kube-port.ts';
import type { KubeStatus } from '../../kube-status.ts';

/** Longest piece of a body that is not a Status that is shown in an error. */
const bodyTextMax = 200;

/** Reads an error answer: a Status body where there is one, else the HTTP status and the start of the text. */
export function parseStatusBody(answer: {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}): KubeStatus {
  const body = parseObject(answer.text);
  if (body?.['kind'] !== 'Status') return plainStatus(answer);
  return statusFrom(body, answer.status, answer.retryAfterMs);
}

/** Reads a Status object, from an answer or from an ERROR event of a watch. */
export function statusFrom(
  body: Readonly<Record<string, unknown>>,
  httpStatus: number,
  retryAfterMs?: number,
): KubeStatus {
  const details = objectOf(body['details']);
  const code = body['code'];
  const seconds = details?.['retryAfterSeconds'];
  return {
    code: typeof code === 'number' && code > 0 ? code : httpStatus,
    reason: textOf(body['reason']),
    message: textOf(body['message']),
    causes: causesOf(details?.['causes']),
    name: textOf(details?.['name']) || undefined,
    retryAfterMs: retryAfterMs ?? (typeof seconds === 'number' ? seconds * 1_000 : undefined),
  };
}

/** Parses JSON text to an object; undefined for everything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function plainStatus(answer: {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}): KubeStatus {
  return {
    code: answer.status,
    reason: answer.status === 404 ? 'NotFound' : '',
    message: `HTTP ${answer.status}: ${answer.text.trim().slice(0, bodyTextMax)}`,
    causes: [],
    name: undefined,
    retryAfterMs: answer.retryAfterMs,
  };
}

function causesOf(value: unknown): readonly KubeErrorCause[] {
  if (!Array.isArray(value)) return [];
  return value.map((item) => {
    const cause = objectOf(item);
    return {
      reason: textOf(cause?.['reason']),
      message: textOf(cause?.['message']),
      field: textOf(cause?.['field']),
    };
  });
}

/** A JSON object as unknown fields; undefined for everything else. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // An object from JSON: its keys are strings, its values unknown.
  return value as Readonly<Record<string, unknown>>;
}

/** The text of a JSON value, '' when it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
