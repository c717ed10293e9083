import type { ObjectRef } from '@flotilla/shared/model';
import { formatRef } from '@flotilla/shared/model';
import type { Failure } from './attempts.ts';
import { maskText } from './mask.ts';

/** What the API server (or the way to it) answered, as far as deciding needs it. Source: the Status body of meta/v1. */
export interface Refusal {
  /** HTTP status; 0 = no answer. */
  readonly status: number;
  /** Machine-readable code of the adapter. */
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
  readonly retryAfterMs: number | undefined;
}

/** What the refused step wanted. */
export interface Attempted {
  /** `Apply`, `Delete`, ...: begins the reason codes. */
  readonly verb: string;
  readonly ref: ObjectRef;
}

/** Turns a refusal into a failure with its reason. Never looks at message texts to decide. */
export function classifyRefusal(refusal: Refusal, attempted: Attempted): Failure {
  const { status } = refusal;
  if (status === 0) return passing('ApiUnreachable', refusal, attempted);
  if (status === 429) return passing('ApiThrottled', refusal, attempted);
  if (status >= 500 || status === 408) return passing('ApiUnavailable', refusal, attempted);
  if (status === 401) return passing('ApiUnauthorized', refusal, attempted);
  if (status === 403) return classifyForbidden(refusal, attempted);
  if (status === 404) return classifyMissing(refusal, attempted);
  if (status === 409) return classifyConflict(refusal, attempted);
  if (status === 422 && isImmutable(refusal, attempted))
    return { ...final(`${attempted.verb}Immutable`, refusal, attempted), severity: 'immutable' };
  if (status === 422 || status === 400) return final(`${attempted.verb}Invalid`, refusal, attempted);
  return final(`${attempted.verb}Refused`, refusal, attempted);
}

/** A namespace that is going away refuses new content for a while. */
function classifyForbidden(refusal: Refusal, attempted: Attempted): Failure {
  const isTerminating = refusal.causes.some((cause) => cause.reason === 'NamespaceTerminating');
  if (isTerminating) return passing('NamespaceTerminating', refusal, attempted);
  return final(`${attempted.verb}Forbidden`, refusal, attempted);
}

/** What is missing is the namespace, or the kind: another assignment may be about to bring it. */
function classifyMissing(refusal: Refusal, attempted: Attempted): Failure {
  const isKind = refusal.code.startsWith('KUBE_KIND_') || attempted.ref.namespace === undefined;
  return passing(isKind ? 'KindNotServed' : 'NamespaceMissing', refusal, attempted);
}

function classifyConflict(refusal: Refusal, attempted: Attempted): Failure {
  const conflicts = refusal.causes.filter((cause) => cause.reason === 'FieldManagerConflict');
  if (conflicts.length === 0) return passing('Conflict', refusal, attempted);
  const subject = formatRef(attempted.ref);
  const listed = conflicts.map((cause) => `${cause.field}: ${cause.message}`).join('; ');
  return {
    severity: 'final',
    reason: {
      code: 'FieldConflict',
      subject,
      text: maskText(`${subject} has fields of others: ${listed}`, attempted.ref.kind),
    },
    retryAfterMs: refusal.retryAfterMs,
  };
}

/** Fields of a Job that may not change after its creation (batch/v1 validation, ValidateJobUpdate). */
const immutableJobFields = ['spec.template', 'spec.selector', 'spec.completionMode', 'spec.completions'];

/**
 * Whether exactly fields that may not change were refused. An invalid value inside them has a longer path, and a dry-run
 * create still has to pass before anything is deleted.
 */
function isImmutable(refusal: Refusal, { ref }: Attempted): boolean {
  if (ref.kind !== 'Job' || ref.group !== 'batch' || refusal.causes.length === 0) return false;
  return refusal.causes.every(
    (cause) => cause.reason === 'FieldValueInvalid' && immutableJobFields.includes(cause.field),
  );
}

function passing(code: string, refusal: Refusal, attempted: Attempted): Failure {
  return { ...final(code, refusal, attempted), severity: 'passing' };
}

function final(code: string, refusal: Refusal, { ref }: Attempted): Failure {
  const fields = refusal.causes
    .filter((cause) => !refusal.message.includes(cause.message))
    .map((cause) => (cause.field === '' ? cause.message : `${cause.field}: ${cause.message}`));
  const text = [refusal.message, ...fields].join('; ');
  return {
    severity: 'final',
    reason: { code, text: maskText(text, ref.kind), subject: formatRef(ref) },
    retryAfterMs: refusal.retryAfterMs,
  };
}
